package dev.noether.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site holds every page, and every link in it leads somewhere. */
class SiteTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @TempDir private Path folder = Path.of("");

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    assertThat(Site.read(ROOT).brokenLinks()).isEmpty();
  }

  @Test
  void everyPageOfDocsIsInTheContents() throws IOException {
    Path docs = ROOT.resolve("docs");
    List<String> contents = new Page(Files.readString(docs.resolve("README.md"))).links();
    for (Path page : Site.read(ROOT).paths()) {
      if (page.startsWith("docs") && !page.endsWith("README.md")) {
        assertThat(contents)
            .contains(page.toString().substring("docs/".length()).replace('\\', '/'));
      }
    }
  }

  @Test
  void aPageHasTheContentsBesideItAndItsLinksLeadToPages() throws IOException {
    Site.read(ROOT).write(folder);
    String html = Files.readString(folder.resolve("docs/guide/layers.html"));
    assertThat(html).contains("<title>Choosing layers - Noether</title>");
    assertThat(html).contains("href=\"../../docs/guide/first-hour.html\"");
    assertThat(html).contains("href=\"../../api/index.html\"").doesNotContain(".md\"");
    assertThat(folder.resolve("index.html")).exists();
    assertThat(folder.resolve("docs/pictures/irreps.svg")).exists();
  }

  @Test
  void theJavadocHasAllThatProgramsUseAndWhatItsSourcesName() throws IOException {
    List<Path> modules = ApiDocs.modules(ROOT);
    assertThat(modules.stream().map(ROOT::relativize).map(Path::toString))
        .contains("core", "nn", "train", "spark", "runtime")
        .doesNotContain("rivals", "benchmarks", "site", "cli");
    String site =
        Files.readString(ROOT.resolve("site/pom.xml")) + Files.readString(ROOT.resolve("pom.xml"));
    Pattern provided =
        Pattern.compile(
            "<artifactId>([^<]*)</artifactId>\\s*<version>[^<]*</version>\\s*<scope>provided<");
    for (Path module : modules) {
      assertThat(
              provided
                  .matcher(Files.readString(module.resolve("pom.xml")))
                  .results()
                  .map(result -> result.group(1))
                  .filter(artifact -> !site.contains("<artifactId>" + artifact + "<")))
          .as("what %s has provided, and the site's Javadoc lacks", module)
          .isEmpty();
    }
  }

  @Test
  void thePicturesAreThoseThatAreDrawn() throws IOException {
    for (Map.Entry<String, String> picture : Pictures.all().entrySet()) {
      assertThat(ROOT.resolve("docs/pictures").resolve(picture.getKey()))
          .hasContent(picture.getValue());
    }
  }

  @Test
  void aLinkToNowhereIsTold() throws IOException {
    Files.createDirectories(folder.resolve("docs/guide"));
    Files.writeString(folder.resolve("README.md"), "# A\n[b](docs/b.md) [c](#a) [d](#b)\n");
    assertThat(Site.read(folder).brokenLinks())
        .containsExactly("README.md: docs/b.md", "README.md: #b");
  }
}

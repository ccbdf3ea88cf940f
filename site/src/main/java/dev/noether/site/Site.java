package dev.noether.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes the site: every Markdown page of the project as HTML, with the contents beside it, the
 * pictures, and one Javadoc of all modules. A link that leads nowhere ends the build.
 *
 * <p>The pages read well as they are, too: what the site adds is a look, the contents, and the
 * Javadoc.
 */
public final class Site {
  private static final String CONTENTS = "docs/README.md";

  private final Path root;
  private final Map<Path, Page> pages = new TreeMap<>();

  private Site(Path root) {
    this.root = root;
  }

  /**
   * Builds the site with the Javadoc.
   *
   * @param arguments the project's folder, and the folder to write to
   * @throws IOException if a page cannot be read, a link leads nowhere, or a file cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]).toAbsolutePath().normalize();
    Path out = Path.of(arguments[1]);
    Site site = read(root);
    List<String> broken = site.brokenLinks();
    if (!broken.isEmpty()) {
      throw new IOException("links that lead nowhere:\n" + String.join("\n", broken));
    }
    site.write(out);
    ApiDocs.write(root, out.resolve("api"));
    System.out.println("site: " + site.pages.size() + " pages in " + out);
  }

  /**
   * Reads the pages of a project.
   *
   * @param root its folder
   * @return the site
   * @throws IOException if a page cannot be read
   */
  public static Site read(Path root) throws IOException {
    Site site = new Site(root);
    for (String name : List.of("", "docs", "docs/guide", "docs/examples")) {
      Path folder = root.resolve(name);
      if (!Files.isDirectory(folder)) {
        continue;
      }
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
          site.pages.put(root.relativize(file), new Page(Files.readString(file)));
        }
      }
    }
    return site;
  }

  /** The paths of the pages from the project's folder, sorted. */
  public List<Path> paths() {
    return List.copyOf(pages.keySet());
  }

  /**
   * The links of all pages that lead to no file or no heading.
   *
   * @return a line for each, empty where all is well
   */
  public List<String> brokenLinks() {
    List<String> broken = new ArrayList<>();
    pages.forEach(
        (path, page) -> {
          for (String link : page.links()) {
            if (!leads(path, page, link)) {
              broken.add(path + ": " + link);
            }
          }
        });
    return broken;
  }

  private boolean leads(Path from, Page page, String link) {
    if (link.startsWith("https:") || link.startsWith("mailto:")) {
      return true;
    }
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path target = file.isEmpty() ? from : from.resolveSibling(file).normalize();
    if (!Files.exists(root.resolve(target))) {
      return false;
    }
    Page other = file.isEmpty() ? page : pages.get(target);
    return hash < 0 || (other != null && other.anchors().contains(link.substring(hash + 1)));
  }

  /**
   * Writes the pages and the files that they link to or show.
   *
   * @param out the folder, made where it is missing
   * @throws IOException if a file cannot be written
   */
  public void write(Path out) throws IOException {
    Page contents = pages.get(Path.of(CONTENTS));
    for (Map.Entry<Path, Page> entry : pages.entrySet()) {
      Path path = entry.getKey();
      Path html = out.resolve(Page.htmlName(path.toString()));
      Files.createDirectories(html.toAbsolutePath().getParent());
      String up = "../".repeat(path.getNameCount() - 1);
      String beside = contents == null ? "" : contents.html(up + "docs/");
      Files.writeString(html, Look.page(entry.getValue(), beside, up));
      for (String link : entry.getValue().links()) {
        copy(path, link, out);
      }
    }
    Path readme = out.resolve(Page.htmlName("README.md"));
    Files.copy(
        readme, out.resolve("index.html"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private void copy(Path from, String link, Path out) throws IOException {
    if (link.contains(":") || link.startsWith("#")) {
      return;
    }
    Path target = from.resolveSibling(link.replaceFirst("#.*", "")).normalize();
    if (!pages.containsKey(target) && Files.isRegularFile(root.resolve(target))) {
      Path copy = out.resolve(target.toString());
      Files.createDirectories(copy.toAbsolutePath().getParent());
      Files.copy(root.resolve(target), copy, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }
}

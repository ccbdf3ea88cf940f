package dev.noether.site;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.HeadingAnchorExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.AttributeProvider;
import org.commonmark.renderer.html.HtmlRenderer;

/** One page: its Markdown, and what can be asked of it. */
public final class Page {
  private static final List<Extension> EXTENSIONS =
      List.of(TablesExtension.create(), HeadingAnchorExtension.create());
  private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
  private static final Pattern ANCHOR = Pattern.compile("<h\\d id=\"([^\"]*)\"");
  private static final Pattern TITLE = Pattern.compile("(?m)^# (.*)$");

  private final String markdown;
  private final Node document;

  /**
   * Reads a page.
   *
   * @param markdown its text
   */
  public Page(String markdown) {
    this.markdown = markdown;
    document = PARSER.parse(markdown);
  }

  /** The first heading. */
  String title() {
    Matcher title = TITLE.matcher(markdown);
    return title.find() ? title.group(1) : "Noether";
  }

  /** Where the page links to, and the pictures it shows. */
  List<String> links() {
    List<String> links = new ArrayList<>();
    document.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Link link) {
            links.add(link.getDestination());
            visitChildren(link);
          }

          @Override
          public void visit(Image image) {
            links.add(image.getDestination());
          }
        });
    return links;
  }

  /** The names of the headings, as links call them. */
  Set<String> anchors() {
    Set<String> anchors = new LinkedHashSet<>();
    Matcher anchor = ANCHOR.matcher(html(""));
    while (anchor.find()) {
      anchors.add(anchor.group(1));
    }
    return anchors;
  }

  /**
   * The blocks of code in a language.
   *
   * @param language as the page names it behind the fence, empty for none
   * @return the blocks in their order
   */
  public List<String> code(String language) {
    List<String> code = new ArrayList<>();
    document.accept(
        new AbstractVisitor() {
          @Override
          public void visit(FencedCodeBlock block) {
            if (block.getInfo().equals(language)) {
              code.add(block.getLiteral());
            }
          }
        });
    return code;
  }

  /**
   * The page's body.
   *
   * @param prefix put before the page's own links, where it is shown in another folder
   */
  String html(String prefix) {
    return HtmlRenderer.builder()
        .extensions(EXTENSIONS)
        .attributeProviderFactory(context -> links(prefix))
        .build()
        .render(document);
  }

  private static AttributeProvider links(String prefix) {
    return (Node node, String tag, Map<String, String> attributes) -> {
      for (String name : List.of("href", "src")) {
        attributes.computeIfPresent(
            name,
            (key, link) ->
                link.contains(":") || link.startsWith("#") ? link : prefix + htmlName(link));
      }
    };
  }

  /** {@code docs/training.md#data} is shown at {@code docs/training.html#data}. */
  static String htmlName(String link) {
    return link.replaceFirst("\\.md(#|$)", ".html$1");
  }
}

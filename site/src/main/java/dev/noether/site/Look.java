package dev.noether.site;

/** How a page looks: one frame and one style sheet, inside the page, without any script. */
final class Look {
  private static final String FRAME =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>{title}</title>
      <style>
      :root { color-scheme: light dark; --line: #8884; --soft: #8881; --link: #1558b0; }
      @media (prefers-color-scheme: dark) { :root { --link: #8ab8ff; } }
      body { font: 16px/1.55 system-ui, sans-serif; margin: 0; display: grid;
             grid-template-columns: minmax(13rem, 16rem) minmax(0, 62rem); gap: 2.5rem; }
      nav { padding: 1.5rem; border-right: 1px solid var(--line); font-size: .93em; }
      nav h1 { font-size: 1.2em; } nav h2 { font-size: 1em; margin-bottom: .2em; }
      nav ul { padding-left: 0; list-style: none; margin-top: 0; }
      main { padding: 1.5rem 1.5rem 4rem 0; }
      main > p, main > ul, main > ol { max-width: 50rem; } /* code and tables may be wider */
      a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
      pre { background: var(--soft); padding: .8em 1em; overflow-x: auto; border-radius: 6px;
            font-size: .8em; line-height: 1.45; }
      code { font-family: ui-monospace, monospace; } :not(pre) > code { font-size: .9em; }
      table { border-collapse: collapse; display: block; overflow-x: auto; }
      th, td { border: 1px solid var(--line); padding: .3em .7em; text-align: left;
               vertical-align: top; }
      img { max-width: min(100%, 50rem); background: #fff; border-radius: 6px; }
      @media (max-width: 50rem) { body { display: block; } main { padding: 1.5rem; }
             nav { border-right: 0; border-bottom: 1px solid var(--line); } }
      </style>
      </head>
      <body>
      <nav>
      {contents}<p><a href="{up}api/index.html">Javadoc</a></p>
      </nav>
      <main>
      {page}</main>
      </body>
      </html>
      """;

  private Look() {}

  static String page(Page page, String contents, String up) {
    String title = page.title().equals("Noether") ? "Noether" : page.title() + " - Noether";
    return FRAME
        .replace("{title}", title)
        .replace("{up}", up)
        .replace("{contents}", contents)
        .replace("{page}", page.html(""));
  }
}

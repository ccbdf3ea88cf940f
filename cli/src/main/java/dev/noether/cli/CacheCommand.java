package dev.noether.cli;

import dev.noether.torch.NativeCache;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noether cache}: where LibTorch is unpacked, and how to get rid of it. */
@Command(
    name = "cache",
    description = "Shows where LibTorch's native libraries are unpacked, or removes them.",
    footer = {
      "",
      "  noether cache",
      "  noether cache --clear",
      "",
      "The first start unpacks them. The property org.bytedeco.javacpp.cachedir names another folder."
    })
final class CacheCommand implements Callable<Integer>, PureJava {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--clear", description = "remove them; the next start unpacks them anew")
  private boolean clear;

  @Override
  public Integer call() throws IOException {
    Page page = Page.of(spec);
    String size = ByteCount.text(NativeCache.bytes());
    if (clear) {
      NativeCache.clear();
      page.printf("%s: %s removed%n", NativeCache.folder(), size);
    } else {
      page.printf("%s: %s%n", NativeCache.folder(), size);
    }
    page.flush();
    return 0;
  }
}

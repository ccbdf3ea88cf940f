import java.io.BufferedReader;
import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What {@code ./noether} and {@code noether.cmd} start: builds what is missing, fetches LibTorch
 * when a command needs it, and runs the command line in this process.
 */
public final class Launcher {
  /** Folders that the commands are not made of. */
  private static final List<String> OTHER =
      List.of("benchmarks", "natives", "bom", "rivals", "site");

  /** Starts this program with the class path of a module; the root's build file tells how. */
  private static final String LIST_GOAL = "org.codehaus.mojo:exec-maven-plugin:exec";

  private static final String LIST_CLASS_PATH = "--class-path";

  private static final Pattern STEP =
      Pattern.compile(".*Building (Noether.*) \\S+ +(\\[\\d+/\\d+]).*");
  private static final Pattern FETCHED =
      Pattern.compile(".*Downloaded from [^:]*: \\S*/(\\S+) \\(([0-9.]+ [MG]B) at .*");
  private static final Pattern PROGRESS = Pattern.compile("Progress \\([0-9]+\\): (.*)");

  private final Path home;
  private final String starter;

  private Launcher(Path home) {
    this.home = home;
    // NOETHER_CUDA=1 takes LibTorch for NVIDIA GPUs; CUDA 13 itself comes from the system.
    this.starter = System.getenv("NOETHER_CUDA") == null ? "host" : "cuda";
  }

  /**
   * Runs a command.
   *
   * @param arguments the folder of the clone, then the command line; or, from the build, {@code
   *     --class-path} and the class path of the module in the current folder
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals(LIST_CLASS_PATH)) {
      Files.writeString(list(Path.of("")), arguments[1]);
      return;
    }
    Path home = Path.of(arguments[0]).toAbsolutePath().normalize();
    String[] command = Stream.of(arguments).skip(1).toArray(String[]::new);
    new Launcher(home).run(command);
  }

  private void run(String[] command) throws Exception {
    List<String> classPath =
        built("cli", sources(), "building; the first time takes a minute or two");
    Path natives = home.resolve("natives");
    if (isStale(natives.resolve(starter), List.of(natives, home.resolve("pom.xml")))
        && !needsLibTorch(classPath, command)) {
      start(classPath, command);
      return;
    }
    List<String> all = new ArrayList<>(classPath);
    all.addAll(
        built(
            "natives/" + starter,
            List.of(natives, home.resolve("pom.xml")),
            "fetching LibTorch, once, some " + (starter.equals("cuda") ? "700" : "270") + " MB"));
    if (List.of(command).contains("--runtime")) {
      all.addAll(
          built("rivals", List.of(home.resolve("rivals")), "fetching ONNX Runtime, once, 50 MB"));
    }
    start(all, command);
  }

  /** The parts of the commands: every module's sources and build file. */
  private List<Path> sources() throws IOException {
    List<Path> found = new ArrayList<>(List.of(home.resolve("pom.xml")));
    try (Stream<Path> folders = Files.list(home)) {
      for (Path folder : folders.sorted().toList()) {
        boolean module = Files.exists(folder.resolve("pom.xml"));
        if (module && !OTHER.contains(folder.getFileName().toString())) {
          found.add(folder.resolve("pom.xml"));
          found.add(folder.resolve("src/main"));
        }
      }
    }
    return found;
  }

  private static Path list(Path module) {
    return module.resolve("target/launcher/classpath.txt");
  }

  /** The class path of a module, which is built if it is missing, old or of another place. */
  private List<String> built(String module, List<Path> made, String words) throws Exception {
    Path folder = home.resolve(module);
    if (isStale(folder, made)) {
      Files.createDirectories(list(folder).getParent());
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve("target/launcher/lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (isStale(folder, made)) {
          say(words);
          build(module);
          Files.setLastModifiedTime(list(folder), FileTime.fromMillis(System.currentTimeMillis()));
        }
      }
    }
    return entries(folder);
  }

  private static List<String> entries(Path module) throws IOException {
    return List.of(Files.readString(list(module)).strip().split(File.pathSeparator));
  }

  private boolean isStale(Path module, List<Path> made) throws IOException {
    if (!Files.exists(list(module))) {
      return true;
    }
    for (String entry : entries(module)) {
      // A clone that was moved or copied still names the classes of the old place.
      boolean ours = entry.replace('\\', '/').matches(".*/target/(classes|[^/]*\\.jar)");
      if (!Files.exists(Path.of(entry)) || ours && !Path.of(entry).startsWith(home)) {
        return true;
      }
    }
    FileTime time = Files.getLastModifiedTime(list(module));
    for (Path part : made) {
      if (hasNewer(part, time)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasNewer(Path root, FileTime time) throws IOException {
    if (!Files.exists(root)) {
      return false;
    }
    boolean[] found = new boolean[1];
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return folder.endsWith("target")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            found[0] |= attributes.lastModifiedTime().compareTo(time) > 0;
            return found[0] ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
          }
        });
    return found[0];
  }

  /** Only what a user needs: no checks, no tests, and nothing of either is fetched. */
  private void build(String module) throws Exception {
    boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
    List<String> command = new ArrayList<>();
    command.add(home.resolve(windows ? "mvnw.cmd" : "mvnw").toString());
    command.addAll(List.of("-Dunchecked", "-Dstyle.color=never", "-pl", module, "-am"));
    if (starter.equals("cuda")) {
      command.add("-Pcuda");
    }
    command.addAll(List.of("compile", LIST_GOAL));
    Process maven =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(nothing(windows)))
            .start();
    Thread onInterrupt = new Thread(() -> interrupt(maven));
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    List<String> log = follow(maven);
    int status = maven.waitFor();
    Runtime.getRuntime().removeShutdownHook(onInterrupt);
    if (status != 0) {
      List<String> errors = log.stream().filter(line -> line.startsWith("[ERROR]")).toList();
      (errors.isEmpty() ? log : errors).forEach(System.err::println);
      say("the build failed, see above");
      System.exit(1);
    }
  }

  private static File nothing(boolean windows) {
    return new File(windows ? "NUL" : "/dev/null");
  }

  private static void interrupt(Process maven) {
    maven.destroy();
    System.err.println();
    say("interrupted; the next start goes on from here");
  }

  /** Reads Maven's output to its end and tells what a user wants to see of it. */
  private static List<String> follow(Process maven) throws IOException {
    boolean terminal = isTerminal() && System.getenv("CI") == null;
    List<String> log = new ArrayList<>();
    try (Reader output =
        new BufferedReader(new InputStreamReader(maven.getInputStream(), StandardCharsets.UTF_8))) {
      StringBuilder line = new StringBuilder();
      for (int c = output.read(); c >= 0; c = output.read()) {
        if (c != '\n' && c != '\r') {
          line.append((char) c);
        } else if (line.length() > 0) {
          tell(line.toString(), log, terminal);
          line.setLength(0);
        }
      }
      tell(line.toString(), log, terminal);
    }
    return log;
  }

  /** From JDK 22 on there is always a console, which tells whether it is a terminal. */
  private static boolean isTerminal() {
    Console console = System.console();
    try {
      return console != null && (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException olderJava) {
      return true;
    }
  }

  private static void tell(String line, List<String> log, boolean terminal) {
    Matcher progress = PROGRESS.matcher(line);
    Matcher step = STEP.matcher(line);
    Matcher fetched = FETCHED.matcher(line);
    if (progress.matches()) {
      if (terminal) {
        System.err.printf("\r\u001b[Knoether:   %.60s", progress.group(1));
        System.err.flush();
      }
      return;
    }
    log.add(line);
    String clear = terminal ? "\r\u001b[K" : "";
    if (step.matches()) {
      System.err.println(clear + "noether: " + step.group(2) + " " + step.group(1));
    } else if (fetched.matches()) {
      System.err.println(clear + "noether:   " + fetched.group(1) + ", " + fetched.group(2));
    }
  }

  private static void say(String words) {
    System.err.println("noether: " + words);
  }

  private static URLClassLoader loader(List<String> classPath) throws IOException {
    URL[] urls = new URL[classPath.size()];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = Path.of(classPath.get(i)).toUri().toURL();
    }
    return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
  }

  private static boolean needsLibTorch(List<String> classPath, String[] command) throws Exception {
    try (URLClassLoader loader = loader(classPath)) {
      return (boolean)
          loader
              .loadClass("dev.noether.cli.Main")
              .getMethod("needsLibTorch", String[].class)
              .invoke(null, (Object) command);
    }
  }

  private void start(List<String> classPath, String[] command) throws Exception {
    System.setProperty("noether.home", home.toString());
    System.setProperty("java.class.path", String.join(File.pathSeparator, classPath));
    URLClassLoader loader = loader(classPath); // open as long as the process runs
    Thread.currentThread().setContextClassLoader(loader);
    try {
      loader
          .loadClass("dev.noether.cli.Main")
          .getMethod("main", String[].class)
          .invoke(null, (Object) command);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }
}

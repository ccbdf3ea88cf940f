package dev.noether.spark;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/** What executors need that this process has: its class path, and the library's properties. */
public final class SparkSettings {
  private SparkSettings() {}

  /**
   * Tells executors on machines that see the same files: the class path of this process, with
   * absolute paths since an executor works in a folder of its own; the properties {@code noether.*}
   * and {@code org.bytedeco.*}; native access, so that newer JDKs do not warn; and one thread for
   * each task. What the settings have already stays.
   *
   * @param settings the settings, which are changed
   * @return the same
   */
  public static SparkConf likeThisProcess(SparkConf settings) {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    settings.setIfMissing("spark.executor.extraClassPath", classPath);
    settings.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", "1");
    Map<String, String> own = new TreeMap<>();
    System.getProperties()
        .stringPropertyNames()
        .forEach(name -> own.put(name, System.getProperty(name)));
    String options =
        own.entrySet().stream()
            .filter(
                e -> e.getKey().startsWith("noether.") || e.getKey().startsWith("org.bytedeco."))
            .map(e -> " -D" + e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining());
    String before = settings.get("spark.executor.extraJavaOptions", "");
    settings.set(
        "spark.executor.extraJavaOptions",
        (before + " --enable-native-access=ALL-UNNAMED" + options).strip());
    return settings;
  }
}

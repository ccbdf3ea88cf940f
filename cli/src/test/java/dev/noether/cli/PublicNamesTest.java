package dev.noether.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/**
 * Whoever imports our packages and LibTorch's with a star each can name every type: two types of
 * one name would be ambiguous.
 */
class PublicNamesTest {
  /** The public types of {@code package.*}, and those nested in {@code global.torch}. */
  private static final Pattern STARRED =
      Pattern.compile(
          "org/bytedeco/(?:pytorch|javacpp|pytorch/global)/(?:torch\\$)?(\\w+)\\.class");

  private static Set<String> starred(Class<?> type) throws Exception {
    Set<String> names = new TreeSet<>();
    Path jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : (Iterable<JarEntry>) file.stream()::iterator) {
        Matcher matcher = STARRED.matcher(entry.getName());
        if (matcher.matches()) {
          names.add(matcher.group(1));
        }
      }
    }
    return names;
  }

  private static Set<String> ours() {
    return ArrowsTest.CLASSES.stream()
        .filter(JavaClass::isTopLevelClass)
        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
        .map(JavaClass::getSimpleName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void noneIsAlsoOneOfLibTorch() throws Exception {
    Set<String> theirs = starred(Tensor.class);
    theirs.addAll(starred(Pointer.class));
    assertThat(theirs).contains("Tensor", "LinearOptions", "ScalarType", "Pointer");
    assertThat(ours()).contains("EquivariantLinear").doesNotContainAnyElementsOf(theirs);
  }
}

package dev.noether.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import dev.noether.models.CondTransformerLayers;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.LayerType;
import dev.noether.torch.Dtype;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 * one name would be ambiguous. Constructors of layers follow one grammar.
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

  /**
   * Representations, sizes or fields first, then what else a layer needs, options and dtype last.
   */
  @Test
  void layersAreMadeFromSpacesThenOptions() {
    List<String> others = new ArrayList<>();
    for (LayerType<?> type : LayerRegistry.standard().types()) {
      for (Constructor<?> constructor : type.layer().getConstructors()) {
        List<Boolean> options =
            Arrays.stream(constructor.getParameterTypes()).map(PublicNamesTest::isOption).toList();
        int first = options.indexOf(true);
        if (first >= 0 && options.subList(first, options.size()).contains(false)) {
          others.add(constructor.toString());
        }
      }
    }
    assertThat(others).isEmpty();
  }

  private static boolean isOption(Class<?> parameter) {
    return parameter == Dtype.class
        || parameter == CondTransformerLayers.class
        || parameter.getSimpleName().endsWith("Options");
  }
}

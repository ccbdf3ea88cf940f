package dev.noether.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.torch.LibTorch;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** No layer can be made without what says how its features transform, and each says so in words. */
class MissingRepresentationTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  @Test
  void everyConstructorRefusesNullForARepresentation() {
    Set<String> wrong = new TreeSet<>();
    Set<Class<?>> judged = new LinkedHashSet<>();
    for (LayerType<?> type : LayerRegistry.standard().types()) {
      for (Constructor<?> constructor : type.layer().getConstructors()) {
        Class<?>[] parameters = constructor.getParameterTypes();
        for (int place = 0; place < parameters.length; place++) {
          if (ConstructorArguments.SPACES.contains(parameters[place])) {
            Optional<@Nullable Object[]> arguments = without(parameters, place);
            if (arguments.isPresent()) {
              judged.add(type.layer());
              refusal(constructor, arguments.get()).ifPresent(wrong::add);
            }
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(judged).hasSizeGreaterThan(40);
  }

  /** What is wrong with how a constructor takes it. */
  private static Optional<String> refusal(
      Constructor<?> constructor, @Nullable Object[] arguments) {
    String what = constructor.getDeclaringClass().getSimpleName() + Arrays.asList(arguments);
    try {
      constructor.newInstance(arguments);
      return Optional.of(what + " is made");
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      return cause instanceof IllegalArgumentException
              && String.valueOf(cause.getMessage()).contains("null")
          ? Optional.empty()
          : Optional.of(what + " throws " + cause);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(what, e);
    }
  }

  /** Some arguments with null in one place; nothing where a kind of argument is not known. */
  private static Optional<@Nullable Object[]> without(Class<?>[] parameters, int missing) {
    Optional<Object[]> some = ConstructorArguments.of(parameters, 2);
    return some.map(
        own -> {
          @Nullable Object[] arguments = own.clone();
          arguments[missing] = null;
          return arguments;
        });
  }
}

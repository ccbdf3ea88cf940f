package dev.noether.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.linear.FieldList;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.LibTorch;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** No layer can be made without what says how its features transform, and each says so in words. */
class MissingRepresentationTest {
  private static final Representation RHO = Representation.parse("C4: 2 x regular");
  private static final FieldType FIELDS =
      Space.cyclic(4).type(new Field("regular", Representation.parse("C4: regular")), 2);
  private static final Set<Class<?>> SPACES =
      Set.of(Representation.class, FieldType.class, FieldList.class);

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
          if (SPACES.contains(parameters[place])) {
            Optional<Object[]> arguments = arguments(parameters, place);
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

  /** Some arguments with null in one place; nothing where a kind of argument is not known here. */
  private static Optional<Object[]> arguments(Class<?>[] parameters, int missing) {
    @Nullable Object[] arguments = new Object[parameters.length];
    for (int i = 0; i < parameters.length; i++) {
      if (i != missing) {
        arguments[i] = some(parameters[i]);
        if (arguments[i] == null) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(arguments);
  }

  private static @Nullable Object some(Class<?> kind) {
    List<Object> known =
        List.of(
            RHO,
            FIELDS,
            new FieldList(RHO.summands()),
            AttentionOptions.heads(1),
            ConvolutionOptions.kernel(1),
            1,
            0.5,
            true,
            List.of());
    if (kind.isEnum()) {
      return kind.getEnumConstants()[0];
    }
    Stream<Object> fitting =
        known.stream().filter(own -> kind.isInstance(own) || isPrimitive(kind, own));
    return fitting.findFirst().or(() -> defaults(kind)).orElse(null);
  }

  private static boolean isPrimitive(Class<?> kind, Object own) {
    return (kind == int.class && own instanceof Integer)
        || (kind == double.class && own instanceof Double)
        || (kind == boolean.class && own instanceof Boolean);
  }

  /** What a record of options starts from. */
  private static Optional<Object> defaults(Class<?> kind) {
    Function<Method, Object> call =
        method -> {
          try {
            return method.invoke(null);
          } catch (ReflectiveOperationException e) {
            throw new LinkageError(method.toString(), e);
          }
        };
    return Arrays.stream(kind.getMethods())
        .filter(method -> Modifier.isStatic(method.getModifiers()))
        .filter(method -> method.getReturnType() == kind && method.getParameterCount() == 0)
        .sorted(Comparator.comparing(Method::getName))
        .findFirst()
        .map(call);
  }
}

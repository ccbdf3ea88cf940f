package dev.noether.nn;

import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.models.MlpOptions;
import dev.noether.models.TransformerLayerOptions;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.linear.FieldList;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Arguments for the constructor of any layer, all on copies of C4's regular representation. */
final class ConstructorArguments {
  /** What says how features transform. */
  static final Set<Class<?>> SPACES =
      Set.of(Representation.class, FieldType.class, FieldList.class);

  private ConstructorArguments() {}

  /**
   * Arguments of the kinds of a constructor's parameters.
   *
   * @param parameters the kinds
   * @param copies of the regular representation
   * @return the arguments; nothing where a kind is not known here
   */
  static Optional<Object[]> of(Class<?>[] parameters, int copies) {
    Representation rho = Representation.parse("C4: " + copies + " x regular");
    Field field = new Field("regular", Representation.parse("C4: regular"));
    List<Object> known =
        List.of(
            rho,
            Space.cyclic(4).type(field, copies),
            new FieldList(rho.summands()),
            AttentionOptions.heads(1),
            TransformerLayerOptions.equivariant(1),
            MlpOptions.hidden(4),
            ConvolutionOptions.kernel(1),
            1,
            0.5,
            true,
            List.of());
    Object[] arguments = new Object[parameters.length];
    for (int i = 0; i < parameters.length; i++) {
      Object some = some(parameters[i], known);
      if (some == null) {
        return Optional.empty();
      }
      arguments[i] = some;
    }
    return Optional.of(arguments);
  }

  private static @Nullable Object some(Class<?> kind, List<Object> known) {
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

package dev.noether.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.nn.bilinear.EquivariantTensorProduct;
import dev.noether.nn.bilinear.EquivariantTensorSquare;
import dev.noether.nn.distribution.EquivariantEmaStatistics;
import dev.noether.nn.distribution.HomEmaStatistics;
import dev.noether.nn.linear.CommutingConstraint;
import dev.noether.nn.linear.EquivariantFilm;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.pooling.InvariantPooling;
import dev.noether.torch.LibTorch;
import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a layer keeps beside its parameters grows with the number of copies, not with its square.
 */
class ManyCopiesTest {
  private static final int FEW = 10;
  private static final int MANY = 1000;

  /** A kilobyte a copy, for each of the layers that a layer may be made of; 1 MB at any size. */
  private static final long BYTES_OF_A_COPY = 1024;

  private static final long BYTES_AT_ANY_SIZE = 1L << 20;
  private static final long MOST_PARAMETERS = 1L << 26;

  /** What these compute with or give are the entries of dense matrices, or of all products. */
  private static final Set<Class<?>> DENSE =
      Set.of(
          CommutingConstraint.class,
          EquivariantEmaStatistics.class,
          HomEmaStatistics.class,
          InvariantPooling.class,
          EquivariantTensorProduct.class,
          EquivariantTensorSquare.class);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static MemoryFootprint footprint(Constructor<?> constructor, Object[] arguments) {
    try (PointerScope scope = new PointerScope()) {
      return MemoryFootprint.of((Layer) constructor.newInstance(arguments));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(constructor.toString(), e);
    }
  }

  /** Those that can be made without more being known, and whose parameters are not too many. */
  private static boolean isJudged(Constructor<?> constructor) {
    Class<?>[] parameters = constructor.getParameterTypes();
    Optional<Object[]> few = ConstructorArguments.of(parameters, FEW);
    if (Arrays.stream(parameters).noneMatch(ConstructorArguments.SPACES::contains)
        || DENSE.contains(constructor.getDeclaringClass())
        || few.isEmpty()) {
      return false;
    }
    try {
      long growth = (long) (MANY / FEW) * (MANY / FEW);
      return footprint(constructor, few.get()).trainableBytes() * growth <= MOST_PARAMETERS;
    } catch (LinkageError needsMore) {
      return false;
    }
  }

  @Test
  void buffersOfAThousandCopiesAreAsFewAsTheirCoefficients() {
    Set<String> wrong = new TreeSet<>();
    Set<Class<?>> judged = new HashSet<>();
    for (LayerType<?> type : LayerRegistry.standard().types()) {
      for (Constructor<?> constructor : type.layer().getConstructors()) {
        if (!judged.contains(type.layer()) && isJudged(constructor)) {
          judged.add(type.layer());
          Object[] many =
              ConstructorArguments.of(constructor.getParameterTypes(), MANY).orElseThrow();
          MemoryFootprint memory = footprint(constructor, many);
          long allowed = BYTES_AT_ANY_SIZE + MANY * BYTES_OF_A_COPY + 2 * memory.trainableBytes();
          if (memory.nonTrainableBytes() > allowed) {
            wrong.add(type.name() + ": " + memory.nonTrainableBytes());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(judged).contains(EquivariantLinear.class, EquivariantFilm.class);
    assertThat(judged).hasSizeGreaterThan(35);
  }
}

package dev.noether.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.nn.distribution.EquivariantEmaStatistics;
import dev.noether.nn.distribution.HomEmaStatistics;
import dev.noether.nn.linear.CommutingConstraint;
import dev.noether.nn.linear.EquivariantFilm;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.pooling.InvariantPooling;
import dev.noether.nn.symmetry.RelaxedLinear;
import dev.noether.torch.LibTorch;
import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
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

  /** Of a layer whose parameters are too many at one size the next is judged. */
  private static final List<Integer> MANY = List.of(1000, 300, 100, 40);

  /** A kilobyte a copy, for each of the layers that a layer may be made of; 1 MB at any size. */
  private static final long BYTES_OF_A_COPY = 1024;

  private static final long BYTES_AT_ANY_SIZE = 1L << 20;
  private static final long MOST_TRAINED_BYTES = 1L << 26;

  /** What these train, estimate or give are the entries of dense matrices. */
  private static final Set<Class<?>> DENSE =
      Set.of(
          CommutingConstraint.class,
          EquivariantEmaStatistics.class,
          HomEmaStatistics.class,
          InvariantPooling.class,
          RelaxedLinear.class);

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

  /** How many copies are judged; none of what cannot be made without more being known. */
  private static Optional<Integer> judged(Constructor<?> constructor) {
    Class<?>[] parameters = constructor.getParameterTypes();
    Optional<Object[]> few = ConstructorArguments.of(parameters, FEW);
    Optional<Object[]> twice = ConstructorArguments.of(parameters, 2 * FEW);
    if (Arrays.stream(parameters).noneMatch(ConstructorArguments.SPACES::contains)
        || DENSE.contains(constructor.getDeclaringClass())
        || few.isEmpty()) {
      return Optional.empty();
    }
    try {
      double bytes = footprint(constructor, few.get()).trainableBytes();
      double next = footprint(constructor, twice.orElseThrow()).trainableBytes();
      return MANY.stream()
          .filter(many -> grown(bytes, next, (double) many / FEW) <= MOST_TRAINED_BYTES)
          .findFirst();
    } catch (LinkageError needsMore) {
      return Optional.empty();
    }
  }

  /**
   * What grows from one number to the next at twice the size: as a power, or a + b of its square.
   */
  private static double grown(double bytes, double next, double times) {
    double power = bytes == 0 ? 0 : Math.log(next / bytes) / Math.log(2);
    double square = next / 2 - bytes;
    return Math.max(
        bytes * Math.pow(times, power), (bytes - square) * times + square * times * times);
  }

  @Test
  void buffersOfAThousandCopiesAreAsFewAsTheirCoefficients() {
    Set<String> wrong = new TreeSet<>();
    Set<Class<?>> judged = new HashSet<>();
    for (LayerType<?> type : LayerRegistry.standard().types()) {
      for (Constructor<?> constructor : type.layer().getConstructors()) {
        Optional<Integer> copies =
            judged.contains(type.layer()) ? Optional.empty() : judged(constructor);
        if (copies.isPresent()) {
          judged.add(type.layer());
          Object[] many =
              ConstructorArguments.of(constructor.getParameterTypes(), copies.get()).orElseThrow();
          MemoryFootprint memory = footprint(constructor, many);
          long allowed =
              BYTES_AT_ANY_SIZE + copies.get() * BYTES_OF_A_COPY + memory.trainableBytes();
          if (memory.nonTrainableBytes() > allowed) {
            wrong.add(type.name() + ", " + copies.get() + ": " + memory.nonTrainableBytes());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(judged).contains(EquivariantLinear.class, EquivariantFilm.class);
    assertThat(judged).hasSizeGreaterThan(45);
  }
}

package dev.noether.nn;

import java.util.List;

/**
 * The layers of a package or a jar, for {@link java.util.ServiceLoader}: what makes a class of your
 * own a layer that is saved, loaded, converted and checked like all others.
 *
 * <p>Name an implementation in {@code META-INF/services/dev.noether.nn.LayerTypes}, and in the
 * module's {@code provides} where there is one.
 */
public interface LayerTypes {
  /**
   * The types.
   *
   * @return one for each concrete layer
   */
  List<LayerType<?>> types();
}

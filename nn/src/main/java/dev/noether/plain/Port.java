package dev.noether.plain;

/**
 * An input or output of a layer's plain form.
 *
 * @param name its name, as exported files tell it
 * @param axes what its axes are
 * @param size the number of its features
 */
public record Port(String name, Axes axes, long size) {}

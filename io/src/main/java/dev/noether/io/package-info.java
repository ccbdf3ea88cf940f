/**
 * Files: tensors and layers from and to disk, in formats that other programs read.
 *
 * <p>{@link dev.noether.io.TensorFormat} knows the formats: safetensors here, PyTorch's files in
 * {@link dev.noether.io.pickle}, ONNX graphs in an artifact of their own, {@code noether-onnx}; a
 * new one is a reader and writer and a constant there. {@link dev.noether.io.Checkpoint} puts
 * layers into files. What all formats stand on is in {@link dev.noether.io.bytes}, with {@link
 * dev.noether.algebra.Limits}.
 *
 * <p>A damaged file ends in a {@link dev.noether.io.DamagedFileException}, never in a wrong tensor.
 */
@NullMarked
package dev.noether.io;

import org.jspecify.annotations.NullMarked;

/**
 * ONNX: {@link dev.noether.io.onnx.OnnxFile} writes the plain form of a model as a graph, {@link
 * dev.noether.io.onnx.OnnxContents} tells what a graph holds.
 */
@NullMarked
package dev.noether.io.onnx;

import org.jspecify.annotations.NullMarked;

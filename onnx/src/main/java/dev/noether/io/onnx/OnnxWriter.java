package dev.noether.io.onnx;

import static dev.noether.algebra.Checks.require;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.noether.io.bytes.NativeBytes;
import dev.noether.io.bytes.StoredType;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The bytes of an ONNX file, one tensor in memory at a time. A message of protobuf is its fields
 * one after the other, so the initializers may follow the rest of the graph.
 */
final class OnnxWriter {
  private static final int INITIALIZER = GraphProto.INITIALIZER_FIELD_NUMBER;
  private static final int RAW_DATA = TensorProto.RAW_DATA_FIELD_NUMBER;
  private static final int GRAPH = ModelProto.GRAPH_FIELD_NUMBER;

  private final ModelProto model;
  private final GraphProto graph;
  private final Map<String, Tensor> initializers;
  private final Map<String, byte[]> heads = new LinkedHashMap<>();
  private final long graphBytes;

  /**
   * A file of a model without graph, the graph without initializers, and those.
   *
   * @throws IllegalArgumentException if the file would be beyond what protobuf allows
   */
  OnnxWriter(ModelProto model, GraphProto graph, Map<String, Tensor> initializers) {
    this.model = model;
    this.graph = graph;
    this.initializers = initializers;
    long bytes = graph.getSerializedSize();
    for (Map.Entry<String, Tensor> e : initializers.entrySet()) {
      TensorProto.Builder head =
          TensorProto.newBuilder().setName(e.getKey()).setDataType(type(e.getValue()));
      for (long axis : Tensors.shape(e.getValue())) {
        head.addDims(axis);
      }
      heads.put(e.getKey(), head.build().toByteArray());
      bytes += field(INITIALIZER, tensorBytes(e.getKey()));
    }
    graphBytes = bytes;
    require(
        model.getSerializedSize() + field(GRAPH, bytes) <= Integer.MAX_VALUE,
        "the weights take %d bytes, and an ONNX file has at most %d: export them as safetensors, "
            + "or the model in parts",
        bytes,
        Integer.MAX_VALUE);
  }

  static int type(Tensor tensor) {
    return switch (Tensors.scalarType(tensor)) {
      case Double -> TensorProto.DataType.DOUBLE_VALUE;
      case Char -> TensorProto.DataType.INT8_VALUE;
      default -> TensorProto.DataType.FLOAT_VALUE;
    };
  }

  private long dataBytes(String name) {
    Tensor tensor = Objects.requireNonNull(initializers.get(name));
    return tensor.numel() * StoredType.of(name, tensor).bytes();
  }

  private long tensorBytes(String name) {
    return Objects.requireNonNull(heads.get(name)).length + field(RAW_DATA, dataBytes(name));
  }

  /** The bytes of a field that holds so many. */
  private static long field(int number, long bytes) {
    return CodedOutputStream.computeTagSize(number)
        + CodedOutputStream.computeUInt64SizeNoTag(bytes)
        + bytes;
  }

  void writeTo(WritableByteChannel channel) throws IOException {
    CodedOutputStream out = CodedOutputStream.newInstance(stream(channel));
    model.writeTo(out);
    begin(out, GRAPH, graphBytes);
    graph.writeTo(out);
    for (Map.Entry<String, Tensor> e : initializers.entrySet()) {
      String name = e.getKey();
      begin(out, INITIALIZER, tensorBytes(name));
      out.writeRawBytes(ByteString.copyFrom(Objects.requireNonNull(heads.get(name))));
      begin(out, RAW_DATA, dataBytes(name));
      out.flush();
      try (PointerScope scope = new PointerScope()) {
        NativeBytes.write(NativeBytes.plain(name, e.getValue()), dataBytes(name), channel);
      }
    }
    out.flush();
  }

  private static void begin(CodedOutputStream out, int number, long bytes) throws IOException {
    out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt64NoTag(bytes);
  }

  private static OutputStream stream(WritableByteChannel channel) {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int start, int length) throws IOException {
        NativeBytes.writeFully(channel, ByteBuffer.wrap(bytes, start, length));
      }
    };
  }
}

package dev.noether.io.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.noether.io.ContentsReader;
import dev.noether.io.DamagedFileException;
import dev.noether.io.FileContents;
import dev.noether.io.FileContents.Value;
import dev.noether.io.TensorFile;
import dev.noether.io.TensorFormat;
import dev.noether.io.bytes.ByteSource;
import dev.noether.io.bytes.StoredType;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What an ONNX file holds. The file is mapped, so that weights are never copied. */
public final class OnnxContents implements ContentsReader {
  /** The names of ONNX's dtypes are PyTorch's, but for these. */
  private static final Map<String, String> NAMES =
      Map.of(
          "float", "float32",
          "double", "float64",
          "float8e4m3fn", "float8_e4m3fn",
          "float8e5m2", "float8_e5m2");

  /** For {@link java.util.ServiceLoader}. */
  public OnnxContents() {}

  @Override
  public TensorFormat format() {
    return TensorFormat.ONNX;
  }

  @Override
  public FileContents contents(Path path) throws IOException {
    return of(model(path));
  }

  private static FileContents of(ModelProto model) throws DamagedFileException {
    if (!model.hasGraph()) {
      throw new DamagedFileException("an ONNX file holds a graph, this one does not");
    }
    GraphProto graph = model.getGraph();
    Map<String, TensorFile.Entry> tensors = new LinkedHashMap<>();
    for (TensorProto tensor : graph.getInitializerList()) {
      if (tensors.put(tensor.getName(), entry(tensor)) != null) {
        throw new DamagedFileException("two initializers are called '" + tensor.getName() + "'");
      }
    }
    Map<String, Integer> operators = new TreeMap<>();
    for (NodeProto node : graph.getNodeList()) {
      operators.merge(node.getOpType(), 1, Integer::sum);
    }
    List<ValueInfoProto> inputs =
        graph.getInputList().stream()
            .filter(input -> !tensors.containsKey(input.getName()))
            .toList();
    return new FileContents(
        TensorFormat.ONNX,
        tensors,
        texts(model),
        List.of(),
        values(inputs),
        values(graph.getOutputList()),
        operators);
  }

  static ModelProto model(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new DamagedFileException("an ONNX file has at most 2 GB, got " + channel.size());
      }
      CodedInputStream input =
          UnsafeByteOperations.unsafeWrap(channel.map(MapMode.READ_ONLY, 0, channel.size()))
              .newCodedInput();
      input.enableAliasing(true);
      return ModelProto.parseFrom(input);
    } catch (InvalidProtocolBufferException e) {
      throw new DamagedFileException("it is no ONNX file, or a damaged one", e);
    } catch (ClosedByInterruptException e) {
      throw ByteSource.interrupted(path, e);
    }
  }

  private static Map<String, String> texts(ModelProto model) {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("ir_version", String.valueOf(model.getIrVersion()));
    for (OperatorSetIdProto set : model.getOpsetImportList()) {
      String domain = set.getDomain().isEmpty() ? "opset" : "opset " + set.getDomain();
      texts.put(domain, String.valueOf(set.getVersion()));
    }
    texts.put("producer", (model.getProducerName() + " " + model.getProducerVersion()).strip());
    if (!model.getDocString().isEmpty()) {
      texts.put("doc", model.getDocString());
    }
    model.getMetadataPropsList().forEach(prop -> texts.put(prop.getKey(), prop.getValue()));
    return texts;
  }

  private static String dtype(int type) {
    TensorProto.DataType known = TensorProto.DataType.forNumber(type);
    String name = known == null ? "dtype " + type : known.name().toLowerCase(Locale.ROOT);
    return NAMES.getOrDefault(name, name);
  }

  private static TensorFile.Entry entry(TensorProto tensor) throws DamagedFileException {
    String dtype = dtype(tensor.getDataType());
    if (tensor.getDimsList().stream().anyMatch(axis -> axis < 0)) {
      throw new DamagedFileException(
          "'" + tensor.getName() + "' has the shape " + tensor.getDimsList());
    }
    long bytes = tensor.getRawData().size();
    try {
      StoredType type = StoredType.ofDtype(dtype).orElse(null);
      bytes = type == null ? bytes : type.bytes(tensor.getDimsList());
    } catch (ArithmeticException e) {
      throw new DamagedFileException(
          "'" + tensor.getName() + "' has a shape beyond any memory: " + tensor.getDimsList(), e);
    }
    return new TensorFile.Entry(dtype, tensor.getDimsList(), bytes);
  }

  private static List<Value> values(List<ValueInfoProto> infos) {
    List<Value> values = new ArrayList<>();
    for (ValueInfoProto info : infos) {
      TypeProto.Tensor type = info.getType().getTensorType();
      List<String> shape = new ArrayList<>();
      for (TensorShapeProto.Dimension axis : type.getShape().getDimList()) {
        shape.add(axis.hasDimValue() ? String.valueOf(axis.getDimValue()) : name(axis));
      }
      values.add(new Value(info.getName(), dtype(type.getElemType()), shape));
    }
    return values;
  }

  private static String name(TensorShapeProto.Dimension axis) {
    return axis.getDimParam().isEmpty() ? "?" : axis.getDimParam();
  }
}

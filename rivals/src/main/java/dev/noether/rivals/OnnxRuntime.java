package dev.noether.rivals;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.noether.cli.bench.Rival;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/** ONNX Runtime's Java API, on one thread, all of its optimizations on. */
public final class OnnxRuntime implements Rival {
  /** For the service loader. */
  public OnnxRuntime() {}

  @Override
  public Model load(Path onnx) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    OrtSession session = environment.createSession(onnx.toString(), options);
    String input = session.getInputNames().iterator().next();
    return new Model() {
      @Override
      public float[] run(float[] in, long[] shape) throws OrtException {
        try (OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(in), shape);
            OrtSession.Result result = session.run(Map.of(input, x))) {
          FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
          float[] out = new float[y.remaining()];
          y.get(out);
          return out;
        }
      }

      @Override
      public void close() throws OrtException {
        session.close();
      }
    };
  }
}

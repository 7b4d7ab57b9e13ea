package io.modelcontrol.bench.serving;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** DJL's predictors over one loaded model, in process: its server has no artifact to be had. */
final class DjlPredictor implements AutoCloseable {
  private static final String ENGINE = "OnnxRuntime";

  private final Sample sample;
  private final Path file;
  private final Model model;

  /**
   * Makes the environment that everybody shares: DJL refuses to work in one that is there already.
   * Its pools have no threads of their own, as each session runs where it is called.
   */
  static void startEngine() {
    System.setProperty("ai.djl.onnxruntime.num_threads", "1");
    System.setProperty("ai.djl.onnxruntime.num_interop_threads", "1");
    Engine.getEngine(ENGINE);
  }

  DjlPredictor(Sample sample) throws Exception {
    this.sample = sample;
    file = Files.createTempFile("djl", ".onnx");
    Files.write(file, sample.model());
    model = Model.newInstance("model", ENGINE);
    model.load(file, null, Map.of("intraOpNumThreads", "1", "interOpNumThreads", "1"));
  }

  /** For one thread. */
  InProcess.Call open() {
    Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator());
    NDManager manager = model.getNDManager().newSubManager();
    Shape shape = new Shape(sample.shape());
    return () -> {
      try (NDList inputs = new NDList(manager.create(sample.freshData(), shape, DataType.FLOAT32));
          NDList outputs = predictor.predict(inputs)) {
        ByteBuffer answer = outputs.get(0).toByteBuffer();
        sample.check(answer.order(ByteOrder.nativeOrder()));
      }
    };
  }

  @Override
  public void close() throws IOException {
    model.close();
    Files.delete(file);
  }
}

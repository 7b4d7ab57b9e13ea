package io.modelcontrol.runtime.reference;

import io.modelcontrol.DataType;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.conformance.ConformanceModel;
import io.modelcontrol.runtime.conformance.ConformanceModels;
import io.modelcontrol.runtime.conformance.KnownAnswer;
import io.modelcontrol.runtime.conformance.RuntimeConformance;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Models for the conformance kit. The runtime has none of two outputs, and none of eight bits. */
public final class ReferenceConformanceModels implements ConformanceModels {
  private static final int WIDTH = 1_024;
  private static final int ROWS =
      Math.toIntExact(RuntimeConformance.HEAVY_BYTES / Float.BYTES / WIDTH);

  @Override
  public String runtime() {
    return ReferenceRuntime.NAME;
  }

  @Override
  public Optional<ConformanceModel> identity(DataType type) {
    return model(
        "{\"op\":\"identity\",\"dtype\":\"" + type + "\",\"shape\":[-1,4]}",
        List.of(new TensorSpec("input", type, new long[] {TensorSpec.DYNAMIC, 4})),
        new TensorSpec("output", type, new long[] {TensorSpec.DYNAMIC, 4}));
  }

  @Override
  public Optional<ConformanceModel> add() {
    return model(
        "{\"op\":\"add\"}",
        List.of(floats("a", TensorSpec.DYNAMIC), floats("b", TensorSpec.DYNAMIC)),
        floats("sum", TensorSpec.DYNAMIC));
  }

  @Override
  public Optional<ConformanceModel> twoOutputs() {
    return Optional.empty();
  }

  @Override
  public Optional<KnownAnswer> int8() {
    return Optional.empty();
  }

  @Override
  public Optional<ConformanceModel> endless() {
    return model(
        "{\"op\":\"delay\",\"ms\":60000,\"shape\":[1]}",
        List.of(floats("input", 1)),
        floats("output", 1));
  }

  @Override
  public Optional<ConformanceModel> heavy() {
    String row = "[" + "1,".repeat(WIDTH - 1) + "1]";
    String weights = (row + ",").repeat(ROWS - 1) + row;
    String bias = "0,".repeat(ROWS - 1) + "0";
    return model(
        "{\"op\":\"mlp\",\"layers\":[{\"weights\":[" + weights + "],\"bias\":[" + bias + "]}]}",
        List.of(floats("input", TensorSpec.DYNAMIC, WIDTH)),
        floats("output", TensorSpec.DYNAMIC, ROWS));
  }

  private static TensorSpec floats(String name, long... shape) {
    return new TensorSpec(name, DataType.FLOAT, shape);
  }

  private static Optional<ConformanceModel> model(
      String json, List<TensorSpec> inputs, TensorSpec output) {
    byte[] content = json.getBytes(StandardCharsets.UTF_8);
    return Optional.of(new ConformanceModel(content, inputs, List.of(output)));
  }
}

package io.modelcontrol.runtime.conformance;

import io.modelcontrol.DataType;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Models of one runtime for the conformance kit. Implementations are found by {@link
 * java.util.ServiceLoader} and have a public constructor without arguments. Where a method gives
 * none, the cases that need that model are not run.
 */
public interface ConformanceModels {
  /** Those of the runtime with this name, if there are any. */
  static Optional<ConformanceModels> of(String runtime) {
    return ServiceLoader.load(ConformanceModels.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(each -> each.runtime().equals(runtime))
        .findFirst();
  }

  /** The name of the runtime that the models are for. */
  String runtime();

  /** One output that equals the one input, both [-1, 4] of this type. */
  Optional<ConformanceModel> identity(DataType type);

  /** The sum of two inputs, all FLOAT [-1]. */
  Optional<ConformanceModel> add();

  /** Two outputs that equal two inputs, in this order, all FLOAT [-1]. */
  Optional<ConformanceModel> twoOutputs();

  /** A model that computes with weights of eight bits between values of FLOAT, and its answer. */
  Optional<KnownAnswer> int8();

  /** Takes zeros, in any fixed shapes, and is still running after a minute if nobody ends it. */
  Optional<ConformanceModel> endless();

  /** Takes zeros, and keeps at least {@value RuntimeConformance#HEAVY_BYTES} bytes when loaded. */
  Optional<ConformanceModel> heavy();
}

package io.modelcontrol.runtime;

import static io.modelcontrol.runtime.Bounds.within;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * How an operator wants models of some names to run. What it sets holds; a load request decides
 * only what it leaves open.
 */
@DataObject
@JsonGen(publicConverter = false)
public class ModelSettings {
  /** More threads than any machine here has cores. */
  private static final int MAX_THREADS = 256;

  private String model = "*";
  private int workers;
  private boolean ownPool;
  private int intraOpThreads;
  private List<String> executionProviders = List.of();
  private List<String> providerLibraries = List.of();
  private int batchMaxSize;
  private int batchDelayUs = BatchSettings.DEFAULT_DELAY_US;

  public ModelSettings() {}

  public ModelSettings(ModelSettings other) {
    model = other.model;
    workers = other.workers;
    ownPool = other.ownPool;
    intraOpThreads = other.intraOpThreads;
    executionProviders = other.executionProviders;
    providerLibraries = other.providerLibraries;
    batchMaxSize = other.batchMaxSize;
    batchDelayUs = other.batchDelayUs;
  }

  public ModelSettings(JsonObject json) {
    ModelSettingsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    ModelSettingsConverter.toJson(this, json);
    return json;
  }

  public String getModel() {
    return model;
  }

  /** Sets the names that this is for; {@code *} stands for anything. */
  public ModelSettings setModel(String pattern) {
    model = pattern;
    return this;
  }

  /** Whether this is for a model of that name. */
  boolean isFor(String name) {
    StringBuilder regex = new StringBuilder();
    for (String part : model.split("\\*", -1)) {
      regex.append(regex.length() == 0 ? "" : ".*").append("\\Q").append(part).append("\\E");
    }
    return name.matches(regex.toString());
  }

  public int getWorkers() {
    return workers;
  }

  /** Sets how many requests of the model run at a time; 0: as {@code workersPerModel} says. */
  public ModelSettings setWorkers(int count) {
    workers = within("workers", count, 0, MAX_THREADS);
    return this;
  }

  public boolean isOwnPool() {
    return ownPool;
  }

  /** Sets whether the model has threads of its own, one for each worker, or shares the node's. */
  public ModelSettings setOwnPool(boolean own) {
    ownPool = own;
    return this;
  }

  public int getIntraOpThreads() {
    return intraOpThreads;
  }

  /** Sets how many threads work on one operator; 0: as the load request says, or else one. */
  public ModelSettings setIntraOpThreads(int threads) {
    intraOpThreads = within("intraOpThreads", threads, 0, MAX_THREADS);
    return this;
  }

  public List<String> getExecutionProviders() {
    return executionProviders;
  }

  /**
   * Sets what executes the model, the first first: names of the runtime, or of plug-ins that the
   * operator has registered. What is not there is skipped; none: the runtime's own choice.
   */
  public ModelSettings setExecutionProviders(List<String> names) {
    executionProviders = List.copyOf(names);
    return this;
  }

  public int getBatchMaxSize() {
    return batchMaxSize;
  }

  /** Sets the rows of a batch; 1: none, 0: as the load request says. */
  public ModelSettings setBatchMaxSize(int rows) {
    batchMaxSize = within("batchMaxSize", rows, 0, BatchSettings.MAX_ROWS);
    return this;
  }

  public int getBatchDelayUs() {
    return batchDelayUs;
  }

  /** Sets how many microseconds a request waits for others at most; with {@code batchMaxSize}. */
  public ModelSettings setBatchDelayUs(int us) {
    batchDelayUs = within("batchDelayUs", us, 0, BatchSettings.MAX_DELAY_US);
    return this;
  }

  public List<String> getProviderLibraries() {
    return providerLibraries;
  }

  /**
   * Sets plug-in execution providers, each {@code NAME=PATH} of a library that is loaded into the
   * process of the model.
   */
  public ModelSettings setProviderLibraries(List<String> libraries) {
    for (String library : libraries) {
      if (library.indexOf('=') < 1) {
        throw new IllegalArgumentException(
            "providerLibraries must be NAME=PATH: '" + library + "'");
      }
    }
    providerLibraries = List.copyOf(libraries);
    return this;
  }

  /** What holds for a model of that name. */
  static ModelSettings of(ModelHostOptions options, String name) {
    return options.getPerModel().stream()
        .filter(settings -> settings.isFor(name))
        .findFirst()
        .orElseGet(ModelSettings::new);
  }

  /** How many requests run at a time for a model of that name. */
  public static int workers(ModelHostOptions options, String name) {
    int own = of(options, name).workers;
    return own == 0 ? options.getWorkersPerModel() : own;
  }
}

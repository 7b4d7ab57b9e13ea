package io.modelcontrol.runtime;

import static io.modelcontrol.runtime.Bounds.atLeast;
import static io.modelcontrol.runtime.Bounds.oneOf;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Options of a {@link ModelHost}: a node's models and the workers that execute them. */
@DataObject
@JsonGen(publicConverter = false)
public class ModelHostOptions {
  /** The default folder of model contents = {@code "models"}, below the working directory. */
  public static final String DEFAULT_STORE = "models";

  /** The default bound of the store = {@code 10737418240} bytes. */
  public static final long DEFAULT_MAX_STORE_BYTES = 10L * 1024 * 1024 * 1024;

  /** The default number of requests that wait or run for each worker = {@code 128}. */
  public static final int DEFAULT_MAX_IN_FLIGHT_PER_WORKER = 128;

  /** The default time for a request that brings none = {@code 30000} ms. */
  public static final int DEFAULT_TIMEOUT_MS = 30_000;

  /** The default time that an upload may stand still = {@code 60000} ms. */
  public static final int DEFAULT_UPLOAD_IDLE_MS = 60_000;

  /** The default time that an unfinished upload is kept = {@code 86400000} ms, a day. */
  public static final long DEFAULT_UPLOAD_EXPIRY_MS = 24L * 60 * 60 * 1000;

  /** The default number of uploads at a time = {@code 16}. */
  public static final int DEFAULT_MAX_UPLOADS = 16;

  /** The default number of sequences and generations that are open on a model = {@code 1000}. */
  public static final int DEFAULT_MAX_SEQUENCES_PER_MODEL = 1_000;

  /** The default time that a sequence's state is kept without a step = {@code 60000} ms. */
  public static final int DEFAULT_SEQUENCE_IDLE_MS = 60_000;

  /** The default time of a model's first run, on ones = {@code 30000} ms. */
  public static final int DEFAULT_ACTIVATION_TIMEOUT_MS = 30_000;

  /** The default time that open streams of a replaced version go on = {@code 30000} ms. */
  public static final int DEFAULT_DRAIN_TIMEOUT_MS = 30_000;

  /** The default number of replaced versions of a model that can be gone back to = {@code 2}. */
  public static final int DEFAULT_KEEP_VERSIONS = 2;

  /** Which models run in processes of their own by default = {@code "untrusted"}. */
  public static final String DEFAULT_ISOLATION = ModelIsolation.UNTRUSTED;

  /** The default memory of a model's process = {@code 2147483648} bytes. */
  public static final long DEFAULT_PROCESS_MEMORY_BYTES = 2L * 1024 * 1024 * 1024;

  /** The default number of loads at a time = {@code 1}. */
  public static final int DEFAULT_MAX_PARALLEL_LOADS = 1;

  /** The default number of loads in a minute by those who are not trusted = {@code 12}. */
  public static final int DEFAULT_UNTRUSTED_LOADS_PER_MINUTE = 12;

  /** The default time between looks at the watched folder = {@code 5000} ms. */
  public static final int DEFAULT_WATCH_MS = 5_000;

  /** Less is too little for a JVM and the smallest model. */
  private static final long MIN_PROCESS_MEMORY_BYTES = 256L * 1024 * 1024;

  private String store = DEFAULT_STORE;
  private long maxStoreBytes = DEFAULT_MAX_STORE_BYTES;
  private int workersPerModel =
      Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
  private int workerPoolSize = Math.max(2, Runtime.getRuntime().availableProcessors());
  private int maxInFlightPerWorker = DEFAULT_MAX_IN_FLIGHT_PER_WORKER;
  private int defaultTimeoutMs = DEFAULT_TIMEOUT_MS;
  private int uploadIdleMs = DEFAULT_UPLOAD_IDLE_MS;
  private long uploadExpiryMs = DEFAULT_UPLOAD_EXPIRY_MS;
  private int maxUploads = DEFAULT_MAX_UPLOADS;
  private int maxSequencesPerModel = DEFAULT_MAX_SEQUENCES_PER_MODEL;
  private int sequenceIdleMs = DEFAULT_SEQUENCE_IDLE_MS;
  private int activationTimeoutMs = DEFAULT_ACTIVATION_TIMEOUT_MS;
  private int drainTimeoutMs = DEFAULT_DRAIN_TIMEOUT_MS;
  private int keepVersions = DEFAULT_KEEP_VERSIONS;
  private String isolation = DEFAULT_ISOLATION;
  private long processMemoryBytes = DEFAULT_PROCESS_MEMORY_BYTES;
  private boolean processStandby = true;
  private int maxParallelLoads = DEFAULT_MAX_PARALLEL_LOADS;
  private int untrustedLoadsPerMinute = DEFAULT_UNTRUSTED_LOADS_PER_MINUTE;
  private long maxModelMemoryBytes = ResidentMemory.ofTheMachine() / 2;
  private boolean evictModels;
  private SignatureOptions signatures;
  private String watchFolder = "";
  private int watchMs = DEFAULT_WATCH_MS;
  private List<ModelSettings> perModel = List.of();

  public ModelHostOptions() {}

  public ModelHostOptions(ModelHostOptions other) {
    store = other.store;
    maxStoreBytes = other.maxStoreBytes;
    workersPerModel = other.workersPerModel;
    workerPoolSize = other.workerPoolSize;
    maxInFlightPerWorker = other.maxInFlightPerWorker;
    defaultTimeoutMs = other.defaultTimeoutMs;
    uploadIdleMs = other.uploadIdleMs;
    uploadExpiryMs = other.uploadExpiryMs;
    maxUploads = other.maxUploads;
    maxSequencesPerModel = other.maxSequencesPerModel;
    sequenceIdleMs = other.sequenceIdleMs;
    activationTimeoutMs = other.activationTimeoutMs;
    drainTimeoutMs = other.drainTimeoutMs;
    keepVersions = other.keepVersions;
    isolation = other.isolation;
    processMemoryBytes = other.processMemoryBytes;
    processStandby = other.processStandby;
    maxParallelLoads = other.maxParallelLoads;
    untrustedLoadsPerMinute = other.untrustedLoadsPerMinute;
    maxModelMemoryBytes = other.maxModelMemoryBytes;
    evictModels = other.evictModels;
    signatures = other.signatures == null ? null : new SignatureOptions(other.signatures);
    watchFolder = other.watchFolder;
    watchMs = other.watchMs;
    perModel = other.perModel.stream().map(ModelSettings::new).toList();
  }

  public ModelHostOptions(JsonObject json) {
    ModelHostOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    ModelHostOptionsConverter.toJson(this, json);
    return json;
  }

  public String getStore() {
    return store;
  }

  /** Sets the folder that holds the contents of models; created if it is missing. */
  public ModelHostOptions setStore(String folder) {
    store = folder;
    return this;
  }

  public long getMaxStoreBytes() {
    return maxStoreBytes;
  }

  /** Sets how many bytes the store may hold; further content is refused. */
  public ModelHostOptions setMaxStoreBytes(long bytes) {
    maxStoreBytes = atLeast("maxStoreBytes", bytes, 1);
    return this;
  }

  public int getWorkersPerModel() {
    return workersPerModel;
  }

  /** Sets how many requests of one model run at a time; by default one for each core, at most 4. */
  public ModelHostOptions setWorkersPerModel(int workers) {
    workersPerModel = (int) atLeast("workersPerModel", workers, 1);
    return this;
  }

  public int getWorkerPoolSize() {
    return workerPoolSize;
  }

  /** Sets how many requests of all models run at a time; by default one per core, at least 2. */
  public ModelHostOptions setWorkerPoolSize(int threads) {
    workerPoolSize = (int) atLeast("workerPoolSize", threads, 1);
    return this;
  }

  public int getMaxInFlightPerWorker() {
    return maxInFlightPerWorker;
  }

  /** Sets how many requests wait or run for each worker; further ones are OVERLOADED. */
  public ModelHostOptions setMaxInFlightPerWorker(int requests) {
    maxInFlightPerWorker = (int) atLeast("maxInFlightPerWorker", requests, 1);
    return this;
  }

  public int getDefaultTimeoutMs() {
    return defaultTimeoutMs;
  }

  /** Sets how many milliseconds a request has that brings no timeout of its own. */
  public ModelHostOptions setDefaultTimeoutMs(int ms) {
    defaultTimeoutMs = (int) atLeast("defaultTimeoutMs", ms, 1);
    return this;
  }

  public int getUploadIdleMs() {
    return uploadIdleMs;
  }

  /**
   * Sets after how many milliseconds without content an upload is given up. What has arrived is
   * kept, and gone on with when somebody brings that content again.
   */
  public ModelHostOptions setUploadIdleMs(int ms) {
    uploadIdleMs = (int) atLeast("uploadIdleMs", ms, 1);
    return this;
  }

  public long getUploadExpiryMs() {
    return uploadExpiryMs;
  }

  /** Sets after how many milliseconds without content an unfinished upload leaves the store. */
  public ModelHostOptions setUploadExpiryMs(long ms) {
    uploadExpiryMs = atLeast("uploadExpiryMs", ms, 1);
    return this;
  }

  public int getMaxUploads() {
    return maxUploads;
  }

  /** Sets how many uploads may be under way at a time. */
  public ModelHostOptions setMaxUploads(int uploads) {
    maxUploads = (int) atLeast("maxUploads", uploads, 1);
    return this;
  }

  public int getMaxSequencesPerModel() {
    return maxSequencesPerModel;
  }

  /** Sets how many sequences and generations may be open on a model; more are OVERLOADED. */
  public ModelHostOptions setMaxSequencesPerModel(int sequences) {
    maxSequencesPerModel = (int) atLeast("maxSequencesPerModel", sequences, 1);
    return this;
  }

  public int getSequenceIdleMs() {
    return sequenceIdleMs;
  }

  /** Sets after how many milliseconds without a step or a sign of its caller a state is dropped. */
  public ModelHostOptions setSequenceIdleMs(int ms) {
    sequenceIdleMs = (int) atLeast("sequenceIdleMs", ms, 1);
    return this;
  }

  public int getActivationTimeoutMs() {
    return activationTimeoutMs;
  }

  /**
   * Sets how many milliseconds a model has, when it is loaded, for a first run on ones; one that
   * takes longer is refused as MODEL_REJECTED. 0 leaves the run out.
   */
  public ModelHostOptions setActivationTimeoutMs(int ms) {
    activationTimeoutMs = (int) atLeast("activationTimeoutMs", ms, 0);
    return this;
  }

  public int getDrainTimeoutMs() {
    return drainTimeoutMs;
  }

  /** Sets how many milliseconds open streams of a version go on that an update has replaced. */
  public ModelHostOptions setDrainTimeoutMs(int ms) {
    drainTimeoutMs = (int) atLeast("drainTimeoutMs", ms, 0);
    return this;
  }

  public int getKeepVersions() {
    return keepVersions;
  }

  /** Sets how many versions of a model that updates have replaced are kept to go back to. */
  public ModelHostOptions setKeepVersions(int versions) {
    keepVersions = (int) atLeast("keepVersions", versions, 0);
    return this;
  }

  public String getIsolation() {
    return isolation;
  }

  /** Sets which models run in processes of their own, see {@link ModelIsolation}. */
  public ModelHostOptions setIsolation(String which) {
    isolation = oneOf("isolation", which, ModelIsolation.ALL);
    return this;
  }

  public long getProcessMemoryBytes() {
    return processMemoryBytes;
  }

  /** Sets how much memory the process of a model may take; a model that wants more is ended. */
  public ModelHostOptions setProcessMemoryBytes(long bytes) {
    processMemoryBytes = atLeast("processMemoryBytes", bytes, MIN_PROCESS_MEMORY_BYTES);
    return this;
  }

  public boolean isProcessStandby() {
    return processStandby;
  }

  /** Sets whether one process is started ahead, to replace that of a model when it ends. */
  public ModelHostOptions setProcessStandby(boolean standby) {
    processStandby = standby;
    return this;
  }

  public int getMaxParallelLoads() {
    return maxParallelLoads;
  }

  /** Sets how many models are loaded at a time; what runs is disturbed by so many threads. */
  public ModelHostOptions setMaxParallelLoads(int loads) {
    maxParallelLoads = (int) atLeast("maxParallelLoads", loads, 1);
    return this;
  }

  public int getUntrustedLoadsPerMinute() {
    return untrustedLoadsPerMinute;
  }

  /**
   * Sets how many loads those who are not trusted may begin in a minute; after so many at once the
   * next ones wait for their time, and are refused as OVERLOADED beyond a minute's worth.
   */
  public ModelHostOptions setUntrustedLoadsPerMinute(int loads) {
    untrustedLoadsPerMinute = (int) atLeast("untrustedLoadsPerMinute", loads, 1);
    return this;
  }

  public long getMaxModelMemoryBytes() {
    return maxModelMemoryBytes;
  }

  /**
   * Sets how much memory all loaded models may take, those in processes of their own included;
   * further loads are refused. By default half of the machine's or container's memory.
   */
  public ModelHostOptions setMaxModelMemoryBytes(long bytes) {
    maxModelMemoryBytes = atLeast("maxModelMemoryBytes", bytes, 1);
    return this;
  }

  public boolean isEvictModels() {
    return evictModels;
  }

  /** Sets whether idle versions that were used longest ago make room for a load. */
  public ModelHostOptions setEvictModels(boolean evict) {
    evictModels = evict;
    return this;
  }

  /** Whose signatures are trusted; {@code null} if none is asked for. */
  public SignatureOptions getSignatures() {
    return signatures;
  }

  /** Sets that only models are loaded that somebody has signed who is trusted. */
  public ModelHostOptions setSignatures(SignatureOptions trusted) {
    signatures = trusted;
    return this;
  }

  public String getWatchFolder() {
    return watchFolder;
  }

  /** Sets the folder whose models are served, MODEL/VERSION/model.onnx; empty: none. */
  public ModelHostOptions setWatchFolder(String folder) {
    watchFolder = folder;
    return this;
  }

  public int getWatchMs() {
    return watchMs;
  }

  /** Sets how many milliseconds lie between looks at the watched folder. */
  public ModelHostOptions setWatchMs(int ms) {
    watchMs = (int) atLeast("watchMs", ms, 10);
    return this;
  }

  public List<ModelSettings> getPerModel() {
    return perModel;
  }

  /** Sets how models of some names run; the first whose pattern fits holds. */
  public ModelHostOptions setPerModel(List<ModelSettings> settings) {
    perModel = List.copyOf(settings);
    return this;
  }
}

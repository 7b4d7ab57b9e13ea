package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.RunControl;
import io.modelcontrol.runtime.SequenceState;
import io.modelcontrol.runtime.StateSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * An ONNX model that is ready to execute. Several threads may run it at once: ONNX Runtime's
 * session is made for that, and each run has its own options and tensors.
 *
 * <p>Closing a session under a run crashes the process. The owner does not do it; a lock, shared by
 * the runs, makes it impossible.
 */
final class OnnxModel implements LoadedModel {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<String> executionProviders;
  private final RequestCheck check;
  private final OutputShapes shapes = new OutputShapes();
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /** They hold memory of the session's allocators, so that they go before it. */
  private final Set<OnnxState> states = ConcurrentHashMap.newKeySet();

  private boolean closed;

  OnnxModel(
      OrtEnvironment environment,
      OrtSession session,
      GraphEdges declared,
      List<String> executionProviders)
      throws OrtException {
    this.executionProviders = executionProviders;
    this.environment = environment;
    this.session = session;
    Map<String, Edge> inputs = new LinkedHashMap<>();
    for (String name : session.getInputNames()) {
      Edge edge = declared.input(name);
      inputs.put(name, edge != null ? edge : inferred(name, session.getInputInfo().get(name)));
    }
    Map<String, Edge> outputs = new LinkedHashMap<>();
    for (String name : session.getOutputNames()) {
      Edge edge = declared.output(name);
      outputs.put(name, edge != null ? edge : inferred(name, session.getOutputInfo().get(name)));
    }
    check = new RequestCheck(inputs, outputs);
  }

  /** What ONNX Runtime found out where the file says nothing; its rank 0 may mean any rank. */
  private static Edge inferred(String name, NodeInfo node) {
    if (!(node.getInfo() instanceof TensorInfo info)) {
      return Edge.other(name, "value that is no tensor");
    }
    DataType type = ElementTypes.fromOnnx(info.onnxType);
    long[] shape = info.getShape();
    return Edge.tensor(name, type == null ? 0 : type.code(), shape, shape.length > 0);
  }

  @Override
  public List<TensorSpec> inputs() {
    return check.inputSpecs();
  }

  @Override
  public List<TensorSpec> outputs() {
    return check.outputSpecs();
  }

  @Override
  public List<String> executionProviders() {
    return executionProviders;
  }

  @Override
  public List<Tensor> infer(
      List<Tensor> inputs, List<String> requestedOutputs, RunControl control) {
    return whileOpen(
        control,
        () -> {
          check.checkInputs(inputs);
          Set<String> outputs = check.outputsToCompute(requestedOutputs);
          control.check();
          return run(inputs, outputs, control);
        });
  }

  @Override
  public SequenceState newState(StateSpec spec) {
    lock.readLock().lock();
    try {
      requireOpen();
      OnnxState state = new OnnxState(this, spec);
      states.add(state);
      return state;
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Frees a state whose sequence has ended. */
  void forget(OnnxState state) {
    lock.readLock().lock();
    try {
      if (states.remove(state)) {
        state.free();
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  /** A run of any kind. */
  interface Run {
    List<Tensor> run() throws OrtException;
  }

  /** Runs while nobody can close the session, and tells failures as they are told to callers. */
  List<Tensor> whileOpen(RunControl control, Run run) {
    lock.readLock().lock();
    try {
      requireOpen();
      return run.run();
    } catch (OrtException e) {
      // The native error of a terminated run is like that of any failed one: only the control
      // knows.
      control.check();
      throw failed(e);
    } finally {
      lock.readLock().unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw McpException.streamError(ErrorCode.MODEL_NOT_READY, "the model is closed");
    }
  }

  OrtEnvironment environment() {
    return environment;
  }

  RequestCheck check() {
    return check;
  }

  private List<Tensor> run(List<Tensor> tensors, Set<String> outputs, RunControl control)
      throws OrtException {
    try (RunInputs inputs = new RunInputs(environment)) {
      for (Tensor tensor : tensors) {
        inputs.add(tensor);
      }
      List<TensorSpec> expected = shapes.expected(tensors, outputs);
      if (expected.isEmpty()) {
        List<Tensor> answer = runFreely(inputs, outputs, control);
        shapes.learn(tensors, outputs, answer);
        return answer;
      }
      try {
        return runPinned(inputs, expected, control);
      } catch (OrtException e) {
        control.check();
        // The run may have failed because its outputs are not as expected: if so, this one does
        // not.
        List<Tensor> answer = runFreely(inputs, outputs, control);
        shapes.vary();
        return answer;
      }
    }
  }

  private List<Tensor> runFreely(RunInputs inputs, Set<String> outputs, RunControl control)
      throws OrtException {
    try (OrtSession.Result result = run(inputs.byName(), outputs, Map.of(), control)) {
      return new RunOutputs(environment).copy(result);
    }
  }

  private List<Tensor> runPinned(RunInputs inputs, List<TensorSpec> expected, RunControl control)
      throws OrtException {
    try (PinnedOutputs pinned = PinnedOutputs.of(environment, expected)) {
      run(inputs.byName(), Set.of(), pinned.byName(), control).close();
      return pinned.take();
    }
  }

  /**
   * Calls ONNX Runtime; the caller closes the result.
   *
   * @param pinned outputs that are written where they stay
   */
  OrtSession.Result run(
      Map<String, OnnxTensor> inputs,
      Set<String> outputs,
      Map<String, OnnxTensor> pinned,
      RunControl control)
      throws OrtException {
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      options.setLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      control.onEnd(() -> terminate(options));
      try {
        return session.run(inputs, outputs, pinned, options);
      } finally {
        control.clearTerminator();
      }
    }
  }

  private static void terminate(OrtSession.RunOptions options) {
    try {
      options.setTerminate(true);
    } catch (OrtException e) {
      throw new IllegalStateException("a run cannot be terminated", e);
    }
  }

  private static McpException failed(OrtException e) {
    return McpException.streamError(
        ErrorCode.RUNTIME_FAILURE, "ONNX Runtime failed: " + Reason.of(e), e);
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        states.forEach(OnnxState::free);
        states.clear();
        session.close();
      }
    } catch (OrtException e) {
      throw failed(e);
    } finally {
      lock.writeLock().unlock();
    }
  }
}

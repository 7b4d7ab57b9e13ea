package io.modelcontrol.runtime;

import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.wire.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs several requests as one, for one worker: gathers their inputs, runs the model once, and
 * gives each its slice of the outputs. If the run fails, each runs again alone, so that only those
 * fail that would have alone.
 */
final class Batches implements AutoCloseable {
  private record Member(InferJob job, List<Tensor> inputs, List<Tensor> made) {
    void release() {
      made.forEach(Tensor::release);
    }
  }

  private final ModelExecution execution;
  private final BatchPlan plan;
  private final Telemetry telemetry;
  private final Gather gather;

  Batches(ModelExecution execution, BatchPlan plan, Telemetry telemetry) {
    this.telemetry = telemetry;
    this.execution = execution;
    this.plan = plan;
    this.gather = new Gather(telemetry::gathering);
  }

  /** Gives each member its answer. Does not throw. */
  void run(List<InferJob> jobs, BatchJob.RunListener listener) {
    if (jobs.size() == 1) {
      runAlone(jobs.get(0), listener);
      return;
    }
    Map<BatchKey, List<Member>> alike = new LinkedHashMap<>();
    for (InferJob job : jobs) {
      prepare(job, alike);
    }
    alike.forEach((key, members) -> runAlike(key, members, listener));
  }

  private void runAlone(InferJob job, BatchJob.RunListener listener) {
    long start = System.nanoTime();
    job.run(execution);
    listener.ran(job.rows(), System.nanoTime() - start);
  }

  /** Images have become tensors before it shows which of them are alike. */
  private void prepare(InferJob job, Map<BatchKey, List<Member>> alike) {
    List<Tensor> made = new ArrayList<>(0);
    try {
      job.control().check();
      List<Tensor> inputs =
          new ArrayList<>(execution.prepare(job.request().tensors(), made, job.context()));
      BatchKey key = plan.keyOrNull(inputs, job.request().requestedOutputs());
      if (key == null) {
        made.forEach(Tensor::release);
        job.run(execution);
        return;
      }
      inputs.sort((a, b) -> a.name().compareTo(b.name()));
      alike.computeIfAbsent(key, k -> new ArrayList<>()).add(new Member(job, inputs, made));
    } catch (RuntimeException | Error e) {
      made.forEach(Tensor::release);
      job.answer(Message.error(execution.failed(e)));
    }
  }

  private void runAlike(BatchKey key, List<Member> members, BatchJob.RunListener listener) {
    try {
      if (members.size() == 1 || !runTogether(key, members, listener)) {
        members.forEach(member -> member.job.run(execution));
      }
    } finally {
      members.forEach(Member::release);
    }
  }

  /** False if each is to run alone. */
  private boolean runTogether(BatchKey key, List<Member> members, BatchJob.RunListener listener) {
    List<InferJob> jobs = members.stream().map(Member::job).toList();
    BatchControl control = new BatchControl(jobs);
    int rows = members.stream().mapToInt(member -> rows(member.inputs)).sum();
    jobs.forEach(job -> job.joins(rows));
    telemetry.batched(execution.id().name(), rows);
    long start = System.nanoTime();
    List<Tensor> outputs;
    try {
      outputs = runJoined(members, key.outputs(), control.control());
    } catch (RuntimeException | Error e) {
      return endsAll(jobs, execution.failed(e), control);
    } finally {
      control.close();
    }
    long nanos = System.nanoTime() - start;
    listener.ran(rows, nanos);
    return split(members, outputs, rows, TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  private List<Tensor> runJoined(List<Member> members, List<String> outputs, RunControl control) {
    int inputs = members.get(0).inputs.size();
    List<Tensor> joined =
        gather.join(members.stream().map(Member::inputs).toList(), new int[inputs]);
    try {
      control.check();
      return execution.model().infer(joined, outputs, control);
    } finally {
      joined.forEach(Tensor::release);
    }
  }

  /** What has ended a process would end the next one as well: nobody runs it again here. */
  private static boolean endsAll(List<InferJob> jobs, McpException error, BatchControl control) {
    if (error.level() != ErrorLevel.CRITICAL && !control.control().isEnded()) {
      return false;
    }
    jobs.forEach(job -> job.answer(Message.error(error)));
    return true;
  }

  private static int rows(List<Tensor> inputs) {
    return (int) inputs.get(0).dimension(0);
  }

  /** Slices of the outputs for each; false if their rows are not those of the inputs. */
  private boolean split(List<Member> members, List<Tensor> outputs, int rows, long micros) {
    try {
      for (Tensor output : outputs) {
        if (output.rank() == 0 || output.dimension(0) != rows) {
          plan.giveUp(
              execution.id().toString(),
              rows + " rows of input gave output " + output + ", which cannot be split");
          return false;
        }
      }
      int row = 0;
      for (Member member : members) {
        int length = rows(member.inputs);
        member.job.answer(answer(outputs, row, length, rows, micros));
        row += length;
      }
      return true;
    } finally {
      outputs.forEach(Tensor::release);
    }
  }

  private static Message answer(List<Tensor> outputs, int row, int length, int rows, long micros) {
    List<Tensor> slices = new ArrayList<>(outputs.size());
    for (Tensor output : outputs) {
      slices.add(output.rows(row, length));
    }
    return ModelExecution.result(slices, micros).parameter("batch-rows", Integer.toString(rows));
  }

  @Override
  public void close() {
    gather.close();
  }
}

package io.modelcontrol.runtime;

import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.wire.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs steps of several sequences as one, for one worker: joins their inputs and states, runs the
 * model once, and gives each its outputs and its next state. If the run fails, each step runs again
 * alone, from the state that it had.
 */
final class StepBatches implements AutoCloseable {
  private record Member(
      SequenceJob job, SequenceJob.Step step, CarriedState state, List<Tensor> states) {
    void release() {
      states.forEach(Tensor::release);
    }
  }

  private final ModelExecution execution;
  private final StepPlan plan;
  private final Telemetry telemetry;
  private final Gather gather;

  StepBatches(ModelExecution execution, StepPlan plan, Telemetry telemetry) {
    this.execution = execution;
    this.plan = plan;
    this.telemetry = telemetry;
    this.gather = new Gather(telemetry::gathering);
  }

  /** Gives each sequence a turn, and tells how it ended. Does not throw. */
  Map<SequenceJob, Job.Outcome> run(List<SequenceJob> jobs) {
    Map<SequenceJob, Job.Outcome> outcomes = new HashMap<>();
    List<Member> members = new ArrayList<>();
    for (SequenceJob job : jobs) {
      SequenceJob.Step step = job.begin();
      if (step == null) {
        outcomes.put(job, job.withoutStep(execution));
      } else {
        CarriedState state = job.carried(execution);
        members.add(new Member(job, step, state, state.current(plan.spec())));
      }
    }
    StepKey key = commonKeyOrNull(members);
    try {
      if (key == null || !runTogether(key, members, outcomes)) {
        members.forEach(
            member -> outcomes.put(member.job, member.job.alone(execution, member.step)));
      }
    } finally {
      members.forEach(Member::release);
    }
    return outcomes;
  }

  /** What was alike when they began to wait; one that was ended meanwhile has no state any more. */
  private StepKey commonKeyOrNull(List<Member> members) {
    StepKey common = null;
    for (Member member : members) {
      StepKey key = plan.keyOrNull(member.step.request(), member.state);
      if (key == null || (common != null && !common.equals(key))) {
        return null;
      }
      common = key;
    }
    return members.size() > 1 ? common : null;
  }

  /** False if each is to run alone; no state has changed then. */
  private boolean runTogether(
      StepKey key, List<Member> members, Map<SequenceJob, Job.Outcome> outcomes) {
    int rows = members.size();
    BatchControl control = new BatchControl(members.stream().map(Member::job).toList());
    members.forEach(member -> member.step.activity().joins(rows));
    telemetry.batched(execution.id().name(), rows);
    long start = System.nanoTime();
    List<Tensor> outputs;
    try {
      outputs = runJoined(key, members, control.control());
    } catch (RuntimeException | Error e) {
      return endsAll(members, execution.failed(e), control, outcomes);
    } finally {
      control.close();
    }
    long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
    try {
      if (!hasRows(key, outputs, rows)) {
        return false;
      }
      for (int row = 0; row < rows; row++) {
        Member member = members.get(row);
        outcomes.put(member.job, answered(key, member, outputs, row, rows, micros));
      }
      return true;
    } finally {
      outputs.forEach(Tensor::release);
    }
  }

  private List<Tensor> runJoined(StepKey key, List<Member> members, RunControl control) {
    List<Tensor> joined =
        gather.join(
            members.stream()
                .map(member -> plan.ordered(member.step.request(), member.states))
                .toList(),
            plan.axes());
    List<String> wanted = new ArrayList<>(plan.outputs(key));
    plan.spec().links().forEach(link -> wanted.add(link.output()));
    try {
      control.check();
      return execution.model().infer(joined, wanted, control);
    } finally {
      joined.forEach(Tensor::release);
    }
  }

  /** What has ended a process would end the next one as well: nobody runs it again here. */
  private boolean endsAll(
      List<Member> members,
      McpException error,
      BatchControl control,
      Map<SequenceJob, Job.Outcome> outcomes) {
    if (error.level() != ErrorLevel.CRITICAL && !control.control().isEnded()) {
      return false;
    }
    members.forEach(
        member -> outcomes.put(member.job, member.job.end(member.step, Message.error(error))));
    return true;
  }

  private boolean hasRows(StepKey key, List<Tensor> outputs, int rows) {
    int plain = plan.outputs(key).size();
    for (int i = 0; i < outputs.size(); i++) {
      Tensor output = outputs.get(i);
      int axis = i < plain ? 0 : plan.spec().links().get(i - plain).axis();
      if (output.rank() <= axis || output.dimension(axis) != rows) {
        plan.giveUp(
            execution.id().toString(), rows + " steps gave " + output + ", which cannot be split");
        return false;
      }
    }
    return true;
  }

  private Job.Outcome answered(
      StepKey key, Member member, List<Tensor> outputs, int row, int rows, long micros) {
    int plain = plan.outputs(key).size();
    List<Tensor> own = new ArrayList<>(plain);
    List<Tensor> next = new ArrayList<>(outputs.size() - plain);
    for (int i = 0; i < outputs.size(); i++) {
      if (i < plain) {
        own.add(outputs.get(i).rows(row, 1));
      } else {
        StateSpec.Link link = plan.spec().links().get(i - plain);
        next.add(part(outputs.get(i), link.axis(), row).renamed(link.input().name()));
      }
    }
    member.state.advance(next);
    Message answer =
        ModelExecution.result(own, micros).parameter("batch-rows", Integer.toString(rows));
    return member.job.end(member.step, member.job.unlessEnded(execution, answer));
  }

  /** A copy of one index of a dimension: a slice would keep the memory of all alive. */
  private static Tensor part(Tensor tensor, int axis, int index) {
    long[] shape = tensor.shape();
    int outer = 1;
    for (int i = 0; i < axis; i++) {
      outer = Math.toIntExact(outer * shape[i]);
    }
    int all = tensor.byteLength() / outer;
    int one = (int) (all / shape[axis]);
    shape[axis] = 1;
    ByteBuf part = PooledByteBufAllocator.DEFAULT.directBuffer(outer * one, outer * one);
    for (int i = 0; i < outer; i++) {
      part.writeBytes(tensor.data(), tensor.data().readerIndex() + i * all + index * one, one);
    }
    return Tensor.of(tensor.name(), tensor.dataType(), shape, part);
  }

  @Override
  public void close() {
    gather.close();
  }
}

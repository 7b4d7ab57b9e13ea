package io.modelcontrol.bench;

import io.modelcontrol.bench.bus.BusSuite;
import io.modelcontrol.bench.echo.EchoSuite;
import io.modelcontrol.bench.push.PushSuite;
import io.modelcontrol.bench.report.Plan;
import io.modelcontrol.bench.serving.ServingSuite;
import io.modelcontrol.bench.session.SessionSuite;
import io.modelcontrol.bench.streams.StreamsSuite;

/** The sets of comparisons; each runs in a process of its own. */
enum Suite {
  ECHO {
    @Override
    void run(Plan plan) throws Exception {
      EchoSuite.run(plan);
    }
  },
  PUSH {
    @Override
    void run(Plan plan) throws Exception {
      PushSuite.run(plan);
    }
  },
  STREAMS {
    @Override
    void run(Plan plan) throws Exception {
      StreamsSuite.run(plan);
    }
  },
  SERVING {
    @Override
    void run(Plan plan) throws Exception {
      ServingSuite.run(plan);
    }
  },
  SESSION {
    @Override
    void run(Plan plan) throws Exception {
      SessionSuite.run(plan);
    }
  },
  BUS {
    @Override
    void run(Plan plan) throws Exception {
      BusSuite.run(plan);
    }
  };

  abstract void run(Plan plan) throws Exception;
}

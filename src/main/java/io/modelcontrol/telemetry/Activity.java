package io.modelcontrol.telemetry;

/**
 * One piece of work that is under way, from {@link Telemetry#start} to {@link #end}, {@link #fail}
 * or {@link #passOn}, of which the first counts. May be ended on another thread than it began on.
 */
public interface Activity {
  /** An activity that nobody looks at. */
  Activity NONE =
      new Activity() {
        @Override
        public TraceContext context() {
          return null;
        }

        @Override
        public Activity tag(String name, String value) {
          return this;
        }

        @Override
        public void end() {}

        @Override
        public void fail(Throwable failure) {}

        @Override
        public void passOn(Throwable failure) {}
      };

  /**
   * What goes with the work's further messages, so that their activities become children of this
   * one; {@code null} where nothing is traced: the context that came is passed on then.
   */
  TraceContext context();

  /** Tells more of the work; the names are those of the guide's table. */
  Activity tag(String name, String value);

  /** The work is done. */
  void end();

  /** The work has failed, here first. */
  void fail(Throwable failure);

  /** The work has failed because other work did, which has told of it. */
  void passOn(Throwable failure);
}

package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How the requests for one model version may be joined.
 *
 * @param maxSize rows of a batch, along dimension 0; 1 joins nothing
 * @param maxDelayUs microseconds that a request may wait for others while a worker is free; it
 *     never waits while the model has nothing to do
 */
record BatchSettings(int maxSize, int maxDelayUs) {
  /** Load parameter: rows of a batch. */
  static final String MAX_SIZE = "batch.max-size";

  /** Load parameter: how long a request may wait for others, in microseconds. */
  static final String DELAY_US = "batch.delay-us";

  /** More rows than any processor here gains from. */
  static final int MAX_ROWS = 4_096;

  /** A request that waits longer for others has waited for nobody. */
  static final int MAX_DELAY_US = 1_000_000;

  static final int DEFAULT_DELAY_US = 500;

  /** Nothing is joined. */
  static final BatchSettings OFF = new BatchSettings(1, DEFAULT_DELAY_US);

  /**
   * Those of a load request, or of the operator where it says nothing.
   *
   * @throws McpException INVALID_ARGUMENT that names the parameter
   */
  static BatchSettings of(Map<String, String> parameters, BatchSettings otherwise) {
    int maxSize = whole(parameters, MAX_SIZE, 1, MAX_ROWS, otherwise.maxSize);
    int delay = whole(parameters, DELAY_US, 0, MAX_DELAY_US, otherwise.maxDelayUs);
    return new BatchSettings(maxSize, delay);
  }

  /**
   * What the operator wants goes before a load request.
   *
   * @throws McpException INVALID_ARGUMENT that names a parameter of the load request
   */
  static BatchSettings of(ModelSettings operator, Map<String, String> parameters) {
    BatchSettings asked = of(parameters, OFF);
    return operator.getBatchMaxSize() == 0
        ? asked
        : new BatchSettings(operator.getBatchMaxSize(), operator.getBatchDelayUs());
  }

  boolean isOn() {
    return maxSize > 1;
  }

  long maxDelayNanos() {
    return TimeUnit.MICROSECONDS.toNanos(maxDelayUs);
  }

  private static int whole(
      Map<String, String> parameters, String key, int lowest, int highest, int otherwise) {
    String value = parameters.get(key);
    if (value == null) {
      return otherwise;
    }
    int number = value.matches("[0-9]{1,9}") ? Integer.parseInt(value) : -1;
    if (number < lowest || number > highest) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          "parameter "
              + key
              + " is '"
              + (value.length() > 20 ? value.substring(0, 20) + "..." : value)
              + "', expected "
              + lowest
              + " to "
              + highest);
    }
    return number;
  }
}

package io.modelcontrol.isolation;

import io.modelcontrol.Digest;
import io.modelcontrol.ModelId;
import io.modelcontrol.runtime.RuntimeSettings;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a process is there for.
 *
 * @param runtime the name of what executes the model
 * @param content the model's file, which the process only reads
 * @param parameters of the load request
 * @param settings of the operator
 */
record Work(
    String runtime,
    Path content,
    ModelId id,
    Digest digest,
    Map<String, String> parameters,
    RuntimeSettings settings) {}

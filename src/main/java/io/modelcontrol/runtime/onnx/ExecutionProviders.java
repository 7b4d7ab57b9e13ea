package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtEpDevice;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.modelcontrol.runtime.RuntimeSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What may execute a model besides the processor, in the operator's order. A provider that is not
 * in this build of ONNX Runtime, or finds no device, is skipped, with one line in the log for each
 * name; the processor is always the last.
 */
final class ExecutionProviders {
  static final String CPU = "CPU";

  private static final Logger LOG = LoggerFactory.getLogger(ExecutionProviders.class);
  private static final Set<String> REGISTERED = ConcurrentHashMap.newKeySet();
  private static final Set<String> SKIPPED = ConcurrentHashMap.newKeySet();

  private interface Adder {
    void addTo(OrtSession.SessionOptions options) throws OrtException;
  }

  /** By their names in lower case. CANN has no method in the binding: it comes as a plug-in. */
  private static final Map<String, Adder> BUILT_IN =
      Map.ofEntries(
          Map.entry("cuda", OrtSession.SessionOptions::addCUDA),
          Map.entry("tensorrt", options -> options.addTensorrt(0)),
          Map.entry("openvino", options -> options.addOpenVINO("")),
          Map.entry("rocm", OrtSession.SessionOptions::addROCM),
          Map.entry("dnnl", options -> options.addDnnl(true)),
          Map.entry("directml", options -> options.addDirectML(0)),
          Map.entry("coreml", OrtSession.SessionOptions::addCoreML),
          Map.entry("nnapi", OrtSession.SessionOptions::addNnapi),
          Map.entry("acl", options -> options.addACL(false)),
          Map.entry("qnn", options -> options.addQnn(Map.of())),
          Map.entry("webgpu", options -> options.addWebGPU(Map.of())),
          Map.entry("xnnpack", options -> options.addXnnpack(Map.of())));

  private final OrtEnvironment environment;

  ExecutionProviders(OrtEnvironment environment) {
    this.environment = environment;
  }

  /** Makes the operator's plug-ins known, once for each process. */
  void register(RuntimeSettings settings) {
    for (String library : settings.providerLibraries()) {
      if (REGISTERED.add(library)) {
        int equals = library.indexOf('=');
        String name = library.substring(0, equals);
        try {
          environment.registerExecutionProviderLibrary(name, library.substring(equals + 1));
        } catch (OrtException e) {
          LOG.warn("Execution provider library {} cannot be registered: {}", name, Reason.of(e));
        }
      }
    }
  }

  /** Adds those that are there, and returns their names; {@link #CPU} comes last. */
  List<String> addTo(OrtSession.SessionOptions options, List<String> wanted) {
    List<String> added = new ArrayList<>();
    for (String name : wanted) {
      if (!name.equalsIgnoreCase(CPU) && add(options, name)) {
        added.add(name);
      } else if (name.equalsIgnoreCase(CPU)) {
        break;
      }
    }
    added.add(CPU);
    return added;
  }

  private boolean add(OrtSession.SessionOptions options, String name) {
    try {
      Adder builtIn = BUILT_IN.get(name.toLowerCase(Locale.ROOT));
      List<OrtEpDevice> devices = devices(name);
      if (!devices.isEmpty()) {
        options.addExecutionProvider(devices, Map.of());
      } else if (builtIn != null) {
        builtIn.addTo(options);
      } else {
        skipped(name, "no execution provider of that name is built in or registered");
        return false;
      }
      return true;
    } catch (OrtException | LinkageError e) {
      skipped(name, e instanceof OrtException known ? Reason.of(known) : String.valueOf(e));
      return false;
    }
  }

  private List<OrtEpDevice> devices(String name) throws OrtException {
    return environment.getEpDevices().stream()
        .filter(device -> device.getEpName().equalsIgnoreCase(name))
        .toList();
  }

  /** Told once, not with each load. */
  static void skipped(String name, String why) {
    if (SKIPPED.add(name)) {
      LOG.warn("Execution provider {} is skipped: {}", name, why);
    }
  }
}

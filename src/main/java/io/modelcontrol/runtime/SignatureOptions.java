package io.modelcontrol.runtime;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Whose signatures a {@link ModelHost} trusts; at least one of the two has to be named. */
@DataObject
@JsonGen(publicConverter = false)
public class SignatureOptions {
  private List<String> keyFiles = new ArrayList<>();
  private List<String> caFiles = new ArrayList<>();

  public SignatureOptions() {}

  public SignatureOptions(SignatureOptions other) {
    keyFiles = new ArrayList<>(other.keyFiles);
    caFiles = new ArrayList<>(other.caFiles);
  }

  public SignatureOptions(JsonObject json) {
    SignatureOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    SignatureOptionsConverter.toJson(this, json);
    return json;
  }

  public List<String> getKeyFiles() {
    return keyFiles;
  }

  /** Sets the PEM files with the public keys of those who may sign models. */
  public SignatureOptions setKeyFiles(List<String> files) {
    keyFiles = new ArrayList<>(files);
    return this;
  }

  public List<String> getCaFiles() {
    return caFiles;
  }

  /** Sets the PEM files with the authorities whose certified signers may sign models. */
  public SignatureOptions setCaFiles(List<String> files) {
    caFiles = new ArrayList<>(files);
    return this;
  }
}

package io.modelcontrol.runtime.preprocess;

/** One compiled step of a chain. Immutable: it is shared by all workers that run the model. */
interface Step {
  Image apply(Image image, WorkBuffers buffers);

  /**
   * The number of channels after this step, 0 where only the image can tell.
   *
   * @param channels those before it, 0 likewise
   * @throws io.modelcontrol.McpException INVALID_ARGUMENT if the step cannot work on so many
   */
  default int channelsAfter(int channels) {
    return channels;
  }
}

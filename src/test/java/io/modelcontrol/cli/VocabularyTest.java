package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tokens to text and back. */
class VocabularyTest {
  private static final Path STORIES =
      Path.of("src/test/resources/onnx-pack/models/stories260k_kvcache");

  private static Vocabulary of(String... pieces) {
    return Vocabulary.parse(new JsonArray(List.of(pieces)).encode());
  }

  private static String text(Vocabulary vocabulary, long... tokens) {
    Vocabulary.Text text = vocabulary.new Text();
    StringBuilder all = new StringBuilder();
    for (long token : tokens) {
      all.append(text.append(token));
    }
    return all.append(text.end()).toString();
  }

  @Test
  void writesThePublishedStory() throws IOException {
    Vocabulary vocabulary = Vocabulary.parse(Files.readString(STORIES.resolve("vocab.json")));
    JsonArray tokens = new JsonArray(Files.readString(STORIES.resolve("expected_tokens.json")));
    long[] ids = tokens.stream().mapToLong(id -> (Integer) id).toArray();
    assertThat(text(vocabulary, ids))
        .isEqualTo(Files.readString(STORIES.resolve("expected_text.txt")));
  }

  @Test
  void cutsATextThatItCanPutTogetherAgain() throws IOException {
    Vocabulary vocabulary = Vocabulary.parse(Files.readString(STORIES.resolve("vocab.json")));
    String text = "Once upon a time, \u00e9t\u00e9 \ud83d\ude00!\n";
    List<Long> tokens = vocabulary.encode(text);
    assertThat(tokens).hasSizeLessThan(text.length() + 8);
    assertThat(text(vocabulary, tokens.stream().mapToLong(Long::longValue).toArray()))
        .isEqualTo(text);
  }

  @Test
  void takesTheLongestPiece() {
    assertThat(of("\u2581", "a", "b", "ab", "\u2581ab").encode("aba b"))
        .containsExactly(4L, 1L, 0L, 2L);
  }

  @Test
  void neverTakesATokenThatStandsForNoText() {
    Vocabulary vocabulary = of("<s>", "<", "s", ">", "\u2581");
    assertThat(vocabulary.encode("<s>")).containsExactly(4L, 1L, 2L, 3L);
    assertThat(text(vocabulary, 0, 2, 0)).isEqualTo("s");
  }

  @Test
  void spellsOutInBytesWhatItLacks() {
    byte[] bytes = "\u20ac".getBytes(StandardCharsets.UTF_8);
    Vocabulary vocabulary = of("\u2581", "<0xE2>", "<0x82>", "<0xAC>");
    assertThat(bytes).hasSize(3);
    assertThat(vocabulary.encode("\u20ac")).containsExactly(0L, 1L, 2L, 3L);
  }

  @Test
  void waitsForTheRestOfACharacter() {
    Vocabulary.Text text = of("<0xE2>", "<0x82>", "<0xAC>", "x").new Text();
    assertThat(text.append(3)).isEqualTo("x");
    assertThat(text.append(0)).isEmpty();
    assertThat(text.append(1)).isEmpty();
    assertThat(text.append(2)).isEqualTo("\u20ac");
    assertThat(text.append(0)).isEmpty();
    assertThat(text.end()).isEqualTo("\uFFFD");
  }

  @Test
  void showsBytesThatAreNoTextAsSuch() {
    assertThat(text(of("<0x82>", "x"), 0, 0, 0, 0, 0, 1)).isEqualTo("\uFFFD".repeat(5) + "x");
  }

  @Test
  void showsATokenBeyondTheVocabularyAsUnknown() {
    assertThat(text(of("x"), 0, 7, -1)).isEqualTo("x\uFFFD\uFFFD");
  }

  @Test
  void refusesACharacterThatItLacks() {
    assertThatThrownBy(() -> of("\u2581", "a").encode("ab"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("'b'");
  }

  @Test
  void refusesWhatIsNoVocabulary() {
    for (String json : List.of("", "{}", "[1]", "[null]", "nonsense")) {
      assertThatThrownBy(() -> Vocabulary.parse(json)).isInstanceOf(UsageException.class);
    }
  }
}

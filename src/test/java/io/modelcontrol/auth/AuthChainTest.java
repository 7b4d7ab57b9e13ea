package io.modelcontrol.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.auth.AuthorizeByRole.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AuthChainTest {
  private static final int INFER = 0x09;
  private static final int LOAD = 0x05;
  private static final AuthorizeByRole RULES =
      new AuthorizeByRole(
          List.of(
              new Rule("client", Set.of(INFER), List.of(new ModelPattern("digit*"))),
              new Rule("anonymous", Set.of(INFER), List.of(new ModelPattern("*")))));
  private static final ExtractIdentity IDENTITY =
      new ExtractIdentity(List.of(ExtractIdentity.Source.CN));

  static Stream<List<AuthInterceptor>> outOfOrder() {
    return Stream.of(
        List.of(IDENTITY, new TlsVerify(), RULES),
        List.of(RULES, new TlsVerify(), IDENTITY),
        List.of(new TlsVerify(), RULES, IDENTITY),
        List.of(new DenyList(), new AllowAnonymous(), RULES),
        List.of(new AllowAnonymous()),
        List.of(new TlsVerify(), RULES),
        List.of());
  }

  @ParameterizedTest
  @MethodSource("outOfOrder")
  void outOfOrderItDoesNotStart(List<AuthInterceptor> links) {
    assertThatThrownBy(() -> AuthChain.of(links))
        .hasFieldOrPropertyWithValue("code", ErrorCode.INVALID_ARGUMENT)
        .hasMessageContaining("chain of authentication");
  }

  @Test
  void whatNoRuleAllowsIsDenied() {
    AuthChain chain = AuthChain.of(List.of(new TlsVerify(), IDENTITY, RULES));
    Identity client = new Identity("edge-1", List.of("client"));
    assertThat(chain.mayDo(client, new Access(INFER, "digits"))).isTrue();
    assertThat(chain.mayDo(client, new Access(INFER, "faces"))).isFalse();
    assertThat(chain.mayDo(client, new Access(LOAD, "digits"))).isFalse();
    assertThat(chain.mayDo(new Identity("x", List.of()), new Access(INFER, "digits"))).isFalse();
  }

  @Test
  void aMethodThatNoLinkKnowsIsRefused() {
    AuthChain chain = AuthChain.of(List.of(new AllowAnonymous(), RULES));
    assertThat(chain.authenticate(presented("none")).name()).isEqualTo("anonymous");
    assertThatThrownBy(() -> chain.authenticate(presented("mtls")))
        .hasFieldOrPropertyWithValue("code", ErrorCode.UNAUTHENTICATED);
    assertThatThrownBy(() -> chain.authenticate(presented("\n<script>none-very-long-name")))
        .hasMessageContaining("'??script?none-ve'");
  }

  @Test
  void aLinkOfTheApplicationCanVeto() {
    AuthInterceptor atNight =
        new AuthInterceptor() {
          @Override
          public Vote authorize(Identity identity, Access access) {
            return Vote.DENY;
          }
        };
    AuthChain chain = AuthChain.of(List.of(new AllowAnonymous(), RULES, atNight));
    Identity anonymous = chain.authenticate(presented("none"));
    assertThat(chain.mayDo(anonymous, new Access(INFER, "digits"))).isFalse();
  }

  @Test
  void aDeniedNameOrSerialIsKeptOut() {
    DenyList denied = new DenyList();
    denied.replace(List.of("# who has left", "", "edge-7", "serial:00:AB:cd"));
    assertThat(denied.denies(new Identity("edge-7", List.of()))).isTrue();
    assertThat(denied.denies(new Identity("edge-8", List.of(), "abcd"))).isTrue();
    assertThat(denied.denies(new Identity("edge-8", List.of(), "abce"))).isFalse();
    AuthChain chain = AuthChain.of(List.of(new AllowAnonymous(), denied, RULES));
    denied.replace(List.of("anonymous"));
    assertThatThrownBy(() -> chain.authenticate(presented("none"))).hasMessageContaining("revoked");
  }

  @ParameterizedTest
  @CsvSource({
    "*, anything, true",
    "digits, digits, true",
    "digits, digits2, false",
    "digit*, digits, true",
    "digit*, adigits, false",
    "*-v2, face-v2, true",
    "*-v2, face-v3, false",
    "a*b*c, a-b-c, true",
    "a*b*c, a-c-b, false",
    "ab*bc, abc, false",
    "a**c, abc, true",
  })
  void patternsMatchNames(String pattern, String name, boolean matches) {
    assertThat(new ModelPattern(pattern).matches(name)).isEqualTo(matches);
  }

  @Test
  void eachChangeOfAnAuditLogIsFound() {
    AuditChain writer = new AuditChain(AuditChain.START, 0);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lines.add(writer.append("{\"who\":\"edge-" + i + "\",\"outcome\":\"OK\"}"));
    }
    assertThat(firstWrong(lines)).isEqualTo(-1);
    for (int i = 0; i < lines.size(); i++) {
      List<String> changed = new ArrayList<>(lines);
      changed.set(i, lines.get(i).replace("OK", "KO"));
      assertThat(firstWrong(changed)).isEqualTo(i);
      List<String> removed = new ArrayList<>(lines);
      removed.remove(i);
      assertThat(firstWrong(removed)).isEqualTo(i == lines.size() - 1 ? -1 : i);
    }
    List<String> swapped = new ArrayList<>(lines);
    swapped.set(3, lines.get(4));
    swapped.set(4, lines.get(3));
    assertThat(firstWrong(swapped)).isEqualTo(3);
  }

  private static int firstWrong(List<String> lines) {
    AuditChain reader = new AuditChain(AuditChain.START, 0);
    for (int i = 0; i < lines.size(); i++) {
      if (!reader.follows(lines.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static Presented presented(String method) {
    return new Presented(method, null, List.of());
  }
}

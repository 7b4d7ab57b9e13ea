package io.modelcontrol.auth;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** Takes the client's name and roles from its certificate: the first source that it has counts. */
public final class ExtractIdentity implements AuthInterceptor {
  /** Where a name can stand in a certificate. */
  public enum Source {
    /** A URI of the subject alternative name, such as a SPIFFE id. */
    URI,
    /** A DNS name of the subject alternative name. */
    DNS,
    /** The common name of the subject. */
    CN
  }

  private static final int SAN_DNS = 2;
  private static final int SAN_URI = 6;

  private final List<Source> sources;

  /** An extractor that tries these sources in this order. */
  public ExtractIdentity(List<Source> sources) {
    this.sources = List.copyOf(sources);
  }

  @Override
  public Set<Fact> needs() {
    return Set.of(Fact.VERIFIED);
  }

  @Override
  public Set<Fact> gives() {
    return Set.of(Fact.IDENTIFIED);
  }

  @Override
  public void authenticate(Login login) {
    if (!Authenticator.MTLS.equals(login.presented().method())) {
      return;
    }
    X509Certificate certificate = login.presented().certificates().get(0);
    for (Source source : sources) {
      List<String> names = names(certificate, source);
      if (!names.isEmpty()) {
        login.identify(names.get(0), subject(certificate, "OU"));
        return;
      }
    }
    throw AuthChain.refused("the client's certificate has no name in " + sources);
  }

  private static List<String> names(X509Certificate certificate, Source source) {
    return switch (source) {
      case URI -> alternatives(certificate, SAN_URI);
      case DNS -> alternatives(certificate, SAN_DNS);
      case CN -> subject(certificate, "CN");
    };
  }

  private static List<String> alternatives(X509Certificate certificate, int type) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      for (List<?> name : all == null ? List.<List<?>>of() : all) {
        if (name.get(0).equals(type)) {
          names.add((String) name.get(1));
        }
      }
    } catch (CertificateParsingException e) {
      throw AuthChain.refused("the client's certificate has a broken subject alternative name");
    }
    return names;
  }

  private static List<String> subject(X509Certificate certificate, String attribute) {
    List<String> values = new ArrayList<>();
    try {
      for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (rdn.getType().equalsIgnoreCase(attribute) && rdn.getValue() instanceof String value) {
          values.add(value);
        }
      }
    } catch (InvalidNameException e) {
      throw AuthChain.refused("the client's certificate has a broken subject");
    }
    return values;
  }
}

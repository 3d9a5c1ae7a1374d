package org.efficienttrain.app.dashboard;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.SameSite;
import io.javalin.http.UnauthorizedResponse;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import org.efficienttrain.training.UserError;

/**
 * Who may look. On this machine's own address everybody who can reach it, but no page of another
 * site through a name of its own; on any other address whoever has the token.
 *
 * @param token to be shown; null where none is needed
 */
record Access(String token) {
  private static final String COOKIE = "et-token";
  private static final int SHORTEST = 16;
  private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  /**
   * For an address and a token that the user chose.
   *
   * @param token null for none, {@code "new"} for a fresh one
   * @throws UserError if the address is open to others and there is no token, or it is too short
   */
  static Access of(String host, String token) {
    if (token == null) {
      if (!isLoopback(host)) {
        throw new UserError(
            "the address %s can be reached from other machines: give a --token of at least %d characters, or 'new' for a fresh one"
                .formatted(host, SHORTEST));
      }
      return new Access(null);
    }
    if (token.equals("new")) {
      byte[] bytes = new byte[16];
      new SecureRandom().nextBytes(bytes);
      return new Access(HexFormat.of().formatHex(bytes));
    }
    if (token.length() < SHORTEST) {
      throw new UserError(
          "a --token has at least %d characters, this one %d; 'new' makes one"
              .formatted(SHORTEST, token.length()));
    }
    return new Access(token);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new UserError("there is no address " + host + ": check --host", e);
    }
  }

  /** Refuses a request that may not be answered; takes a token out of the address. */
  void check(Context request) {
    if (token == null) {
      String host = String.valueOf(request.host()).replaceFirst(":\\d+$", "");
      if (!OWN_NAMES.contains(host)) {
        throw new ForbiddenResponse("This page answers on localhost only.");
      }
      return;
    }
    String shown = request.queryParam("token");
    if (shown != null && matches(shown)) {
      Cookie cookie = new Cookie(COOKIE, shown);
      cookie.setHttpOnly(true);
      cookie.setSameSite(SameSite.STRICT);
      request.cookie(cookie);
      request.redirect(request.path());
      request.skipRemainingHandlers();
      return;
    }
    String header = request.header("Authorization");
    String bearer = header != null && header.startsWith("Bearer ") ? header.substring(7) : null;
    if (!matches(request.cookie(COOKIE)) && !matches(bearer)) {
      throw new UnauthorizedResponse("Open the address with ?token=... once.");
    }
  }

  private boolean matches(String shown) {
    return shown != null
        && MessageDigest.isEqual(
            shown.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }
}

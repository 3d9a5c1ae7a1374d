package org.efficienttrain.models;

import java.util.List;

/**
 * Networks that join the registry from outside. A class that implements this, has a public
 * constructor without parameters and is named in a file {@code
 * META-INF/services/org.efficienttrain.models.BackboneFamily} on the class path is found by {@link
 * java.util.ServiceLoader}; its networks then have names like all others, on the command line too
 * (docs/your-own.md).
 */
@FunctionalInterface
public interface BackboneFamily {
  /**
   * The family's networks. Their names consist of small letters, digits and underscores, and no
   * other network has them.
   */
  List<Variant> variants();
}

package org.efficienttrain.curriculum;

/** How the bandwidths of a curriculum follow a change of the final image size. */
public enum Scaling {
  /** Every bandwidth keeps its ratio to the final size: the saving stays the same. */
  PROPORTIONAL,

  /**
   * Bandwidths below the full one keep their pixels and only the full bandwidth grows: a larger
   * final size then saves more. This reading fits the speed-ups that the ICCV paper's table 8(c)
   * reports for final sizes 384 and 512.
   */
  ABSOLUTE
}

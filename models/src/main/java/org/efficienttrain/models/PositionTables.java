package org.efficienttrain.models;

import java.util.List;
import org.efficienttrain.tensor.Resize;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * Learned position tables at another image size.
 *
 * <p>Tables live at the final size and are resized in the forward pass, antialiased, so that every
 * entry gets a gradient at every smaller size; no weights change between stages.
 */
final class PositionTables {
  private PositionTables() {}

  /**
   * Resizes a table with one entry per patch, behind entries of single tokens that stay.
   *
   * @param table (1, tokens + G*G, C)
   * @param tokens number of leading entries without a place in the image (class token)
   * @param grid the wanted side of the grid of patches
   * @return (1, tokens + grid*grid, C); the table itself where the side is already right
   */
  static Tensor resize(Tensor table, int tokens, long grid, Resize.Kernel kernel) {
    long patches = table.size(1) - tokens;
    if (patches == grid * grid) {
      return table;
    }
    Tensor resized = resizeGrid(table.narrow(1, tokens, patches), grid, kernel);
    return tokens == 0 ? resized : Tensors.cat(List.of(table.narrow(1, 0, tokens), resized), 1);
  }

  /**
   * Resizes a table of relative positions within a window (Liu et al. 2021).
   *
   * @param table ((2W-1)*(2W-1), heads)
   * @param window the wanted window side
   * @return ((2*window-1)^2, heads); the table itself where the side is already right
   */
  static Tensor resizeRelative(Tensor table, long window, Resize.Kernel kernel) {
    long side = 2 * window - 1;
    if (table.size(0) == side * side) {
      return table;
    }
    return resizeGrid(table.unsqueeze(0), side, kernel).squeeze(0);
  }

  /** (1, G*G, C) to (1, grid*grid, C). */
  private static Tensor resizeGrid(Tensor table, long grid, Resize.Kernel kernel) {
    long from = Math.round(Math.sqrt((double) table.size(1)));
    long channels = table.size(2);
    Tensor image = table.reshape(1, from, from, channels).permute(0, 3, 1, 2);
    return Resize.resize(image, grid, grid, kernel)
        .permute(0, 2, 3, 1)
        .reshape(1, grid * grid, channels);
  }
}

package org.efficienttrain.models;

import java.util.List;
import org.efficienttrain.tensor.Resize;
import org.efficienttrain.tensor.Tensor;
import org.efficienttrain.tensor.Tensors;

/**
 * Position tables at another image size.
 *
 * <p>Learned tables live at the final size and are resized in the forward pass, antialiased, so
 * that every entry gets a gradient at every smaller size; no weights change between stages.
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

  /**
   * A stored table at the side of another network: a larger one as the official repositories make
   * it for fine-tuning, without antialiasing, a smaller one antialiased as timm does.
   */
  static Tensor load(Tensor table, int tokens, long grid) {
    long patches = table.size(1) - tokens;
    if (patches >= grid * grid) {
      return resize(table, tokens, grid, Resize.Kernel.BICUBIC);
    }
    Tensor image = image(table.narrow(1, tokens, patches));
    Tensor resized = table(Resize.interpolate(image, grid, grid));
    return tokens == 0 ? resized : Tensors.cat(List.of(table.narrow(1, 0, tokens), resized), 1);
  }

  /**
   * The fixed waves of masked autoencoders, for a grid of patches that covers the same scene as a
   * final one: for the patch whose centre has the place (x, y), counted in patches of the final
   * grid, sin(x w), cos(x w), sin(y w), cos(y w), each for the frequencies w = 10000^(-4k/width).
   *
   * @param width channels, a multiple of 4
   * @param finalGrid patches a side at the final size, where places are whole numbers from 0
   * @param grid patches a side
   * @return (1, grid*grid, width)
   */
  static Tensor sinCos(long width, long finalGrid, long grid) {
    int quarter = (int) width / 4;
    float[] axis = new float[(int) grid * 2 * quarter];
    for (int i = 0; i < grid; i++) {
      double place = (i + 0.5) * finalGrid / grid - 0.5;
      for (int k = 0; k < quarter; k++) {
        double phase = place * Math.pow(10_000, -(double) k / quarter);
        axis[2 * i * quarter + k] = (float) Math.sin(phase);
        axis[(2 * i + 1) * quarter + k] = (float) Math.cos(phase);
      }
    }
    Tensor waves = Tensors.of(axis, 1, 1, grid, 2L * quarter);
    Tensor columns = waves.expand(1, grid, grid, -1);
    return Tensors.cat(List.of(columns, columns.transpose(1, 2)), 3).reshape(1, grid * grid, width);
  }

  /** (1, G*G, C) to (1, grid*grid, C). */
  private static Tensor resizeGrid(Tensor table, long grid, Resize.Kernel kernel) {
    return table(Resize.resize(image(table), grid, grid, kernel));
  }

  /** (1, G*G, C) to (1, C, G, G). */
  private static Tensor image(Tensor table) {
    long side = Math.round(Math.sqrt((double) table.size(1)));
    return table.reshape(1, side, side, table.size(2)).permute(0, 3, 1, 2);
  }

  /** (1, C, G, G) to (1, G*G, C). */
  private static Tensor table(Tensor image) {
    return image.flatten(2, 3).transpose(1, 2).contiguous();
  }
}

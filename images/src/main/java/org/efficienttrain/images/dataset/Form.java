package org.efficienttrain.images.dataset;

import java.util.List;

/**
 * One of the forms that datasets come in. {@link Datasets#FORMS} lists all of them in the order in
 * which they are tried.
 */
interface Form {
  /** What people call it, for example {@code "class folders"}. */
  String title();

  /** Whether this form lies there. Nothing else is asked then, so it must be unmistakable. */
  boolean recognises(Place place);

  /**
   * Opens what lies there.
   *
   * @return one part without a name, or training and validation
   * @throws org.efficienttrain.images.ImageException when it is broken, in one sentence
   */
  List<Datasets.Part> open(Place place);
}

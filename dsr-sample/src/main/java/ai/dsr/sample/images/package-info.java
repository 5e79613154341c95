// SPDX-License-Identifier: Apache-2.0
/** Sets of images as files and as tensors, and how far one image is from another. */
package ai.dsr.sample.images;

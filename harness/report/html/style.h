// SPDX-License-Identifier: Apache-2.0
// The style sheet of the HTML pages.
#ifndef TCK_STYLE_H
#define TCK_STYLE_H

extern const char html_style[];

#endif

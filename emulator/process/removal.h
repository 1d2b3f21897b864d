// SPDX-License-Identifier: Apache-2.0
// Removes a folder with all that is in it.
#ifndef TCK_REMOVAL_H
#define TCK_REMOVAL_H

// Follows no link. A folder's depth, the length of its paths and the rights that are set on what is
// in it do not matter: a library under test may have made it. 0, also where there is nothing; or -1
// with errno, and as much of it gone as can be removed.
int removal_tree(const char *path);

// The same, but the folder itself stays, and what somebody puts into it meanwhile may.
int removal_content(const char *path);

#endif

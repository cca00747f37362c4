# SPDX-License-Identifier: AGPL-3.0-or-later
"""The vectors of each page of the manual."""

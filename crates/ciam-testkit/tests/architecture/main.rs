//! What holds for the tree as a whole: layers, documentation that matches the code, names and sizes.

#[cfg(test)]
mod actions;
#[cfg(test)]
mod features;
#[cfg(test)]
mod gates;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod names;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod reasons;
#[cfg(test)]
mod tree;

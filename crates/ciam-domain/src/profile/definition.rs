//! Why an attribute or a user type cannot be defined.

/// Why an attribute or a user type cannot be defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A label or remark is too long or cannot be printed.
    #[error("a label or remark is a line of at most 128 characters")]
    Label,
    /// The options are none, too many, or no options.
    #[error("options are 1 to 100 different values of 1 to 64 characters without a comma or a mask")]
    Choices,
    /// Values of this type cannot be unique.
    #[error("only texts, dates and numbers can be unique")]
    Unique,
    /// The attribute has another type already, and values of it may be there.
    #[error("an attribute keeps its type")]
    TypeChanged,
    /// The user type of the attribute does not exist.
    #[error("the user type does not exist")]
    UnknownUserType,
    /// There are too many attributes.
    #[error("there are too many attributes")]
    TooManyAttributes,
    /// There are too many user types.
    #[error("there are too many user types")]
    TooManyUserTypes,
}
